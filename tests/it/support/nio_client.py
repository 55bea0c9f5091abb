"""A person's client with matrix-nio, driven from outside: it reads a call as one line of JSON, and
answers it by one line of JSON. It ends when its input does. See nio.rs for what can be called.
"""

import asyncio
import json
import sys

from nio import (
    AsyncClient,
    AsyncClientConfig,
    EncryptionError,
    Event,
    InviteMemberEvent,
    MegolmEvent,
    RoomEncryptionEvent,
    RoomMemberEvent,
    SyncError,
)

# How long one request for news may hang, in milliseconds.
LONG_POLL = 5_000
FILTER = {"room": {"timeline": {"limit": 500}}, "presence": {"types": []}}


class Person:
    def __init__(self, homeserver: str, user: str, store: str) -> None:
        config = AsyncClientConfig(store_sync_tokens=False, encryption_enabled=True)
        self.client = AsyncClient(homeserver, user, store_path=store, config=config)
        # What has arrived, in order: [room, event, whether it was taken].
        self.arrived: list[list] = []
        self.news = asyncio.Condition()
        self.client.add_event_callback(self.receives, Event)
        self.client.add_event_callback(self.receives_invitation, InviteMemberEvent)

    async def receives(self, room, event) -> None:
        # What this very client said does not count: only that has a transaction id.
        if not event.source.get("unsigned", {}).get("transaction_id"):
            self.arrived.append([room.room_id, event, False])

    async def receives_invitation(self, room, event) -> None:
        if event.state_key == self.client.user_id and event.membership == "invite":
            self.arrived.append([room.room_id, event, False])

    async def stays_in_touch(self) -> None:
        while True:
            answer = await self.client.sync(LONG_POLL, FILTER)
            if isinstance(answer, SyncError):
                raise RuntimeError(answer)
            await self.does_what_is_due()
            self.reads_again()
            async with self.news:
                self.news.notify_all()

    async def does_what_is_due(self) -> None:
        """What sync_forever of the library does beside its requests for news."""
        await self.client.send_to_device_messages()
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())

    def reads_again(self) -> None:
        """A key may have arrived after the message."""
        for arrived in self.arrived:
            if isinstance(arrived[1], MegolmEvent):
                try:
                    arrived[1] = self.client.decrypt_event(arrived[1])
                except EncryptionError:
                    pass

    async def takes(self, wanted) -> list:
        async with self.news:
            while True:
                for arrived in self.arrived:
                    if not arrived[2] and wanted(*arrived[:2]):
                        arrived[2] = True
                        return arrived
                await self.news.wait()

    # Calls.

    async def log_in(self, password: str) -> dict:
        answer = await self.client.login(password, device_name="nio")
        if not self.client.logged_in:
            return {"error": str(answer)}
        await self.client.sync(0, FILTER, full_state=True)
        await self.does_what_is_due()
        self.in_touch = asyncio.create_task(self.stays_in_touch())
        return {"user": self.client.user_id, "device": self.client.device_id}

    async def opens_room(self, people: list[str], direct: bool) -> dict:
        encryption = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        answer = await self.client.room_create(is_direct=direct, invite=people, initial_state=[encryption])
        return {"room": answer.room_id}

    async def joins(self, room: str) -> dict:
        answer = await self.client.join(room)
        return {"room": answer.room_id}

    async def says(self, room: str, message: str) -> dict:
        async with self.news:
            # The library encrypts only when it knows that the room is encrypted, and has asked for its people's keys.
            await self.news.wait_for(lambda: room in self.client.rooms)
        await self.client.joined_members(room)
        if self.client.should_query_keys:
            await self.client.keys_query()
        content = {"msgtype": "m.text", "body": message}
        answer = await self.client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
        return {"event": answer.event_id}

    async def reads(self, room: str, part: str) -> dict:
        def wanted(place, event) -> bool:
            return place == room and part in event.source.get("content", {}).get("body", "")

        _, event, _ = await self.takes(wanted)
        content = event.source["content"]
        return {"sender": event.sender, "id": event.event_id, "body": content["body"], "content": content, "encrypted": event.decrypted}

    async def is_invited_by(self, person: str) -> dict:
        room, _, _ = await self.takes(lambda _, event: isinstance(event, InviteMemberEvent) and event.sender == person)
        return {"room": room}

    async def sees_encryption(self, room: str) -> dict:
        await self.takes(lambda place, event: place == room and isinstance(event, RoomEncryptionEvent))
        return {}

    async def sees_membership(self, room: str, person: str, membership: str) -> dict:
        def wanted(place, event) -> bool:
            return place == room and isinstance(event, RoomMemberEvent) and (event.state_key, event.membership) == (person, membership)

        await self.takes(wanted)
        return {}

    async def cannot_read(self) -> dict:
        hidden = [(room, event) for room, event, _ in self.arrived if isinstance(event, MegolmEvent)]
        return {"events": [{"room": room, "event": event.event_id, "sender": event.sender} for room, event in hidden]}


async def main() -> None:
    person = Person(*sys.argv[1:])
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        call = json.loads(line)
        try:
            answer = await answers(person, getattr(person, call["call"])(**call["with"]))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


async def answers(person: Person, call) -> dict:
    """Whoever waits for news that do not come any more is told so."""
    call = asyncio.ensure_future(call)
    in_touch = getattr(person, "in_touch", call)
    await asyncio.wait({call, in_touch}, return_when=asyncio.FIRST_COMPLETED)
    return await (call if call.done() else in_touch)


asyncio.run(main())
