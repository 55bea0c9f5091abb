### What tradepost says, in English.
###
### A message is named after the notice that it says (src/domain/notice.rs); its arguments are the
### notice's fields. A value with a tag of its own is said by the message tag-value and arrives as
### text; a list arrives line by line, each said by the message notice-field, an empty one by
### notice-field-none where there is one. What is not there is "none", yes and no are "true" and
### "false". `…` is something to type, **…** is bold, a line that begins with • belongs to a list,
### an empty line begins a paragraph.

## Greetings

greeting =
    Hello! I am tradepost. I post new items from your shops and feeds into the direct chats you choose.

    First type `!share add feed https://…` here, with the address of a shop or its feed.
    Then invite me into your direct chat with a friend and type `!share with here` there.

    `!share help` shows everything I understand. 中文请输入 `!分享 语言 zh`。
helper-greeting = Hello! { $sharer }, type `!share with here` to share your new offers with the other person in this chat. Until then I post nothing.
introduction = { $sharer } shares new offers with you here through tradepost. `!share mute` stops it, `!share unmute` brings it back.

## Answers

help =
    This is what I understand. `<…>` is needed, `[…]` is optional. In your own room with me you can leave out `!share`.

    { $sections }

    `!share help <command>` explains one command, with an example.
help-section-shops = **Your shops and feeds**
    { $topics }
help-section-sharing = **Who sees them**
    { $topics }
help-section-receiving = **When somebody shares with you** (type these in your direct chat)
    { $topics }
help-section-general = **Everything else**
    { $topics }
help-topics = • `{ $topic_usage }` – { $topic_about }
help-topic =
    `{ $topic_usage }`
    { $topic_about }
    Example: `{ $topic_example }`
help-in-direct-room = Here you can type `!share with here`, `!share without here`, `!share pause` or `!share resume`; whoever gets the offers can type `!share mute` or `!share unmute`. Everything else works in your own room with me.

platforms =
    You can add accounts at:
    { $platforms }

    Type `!share add <platform> <account>`, or just `!share add <link>`.
platforms-platforms = • `{ $platform }`{ $platform ->
        [feed] {" "}– any shop, blog or marketplace with an RSS, Atom or JSON feed
       *[other] {""}
    }
platforms-platforms-none = • none at the moment; please ask whoever runs this server

card-line = **{ $title }**{ $price ->
        [none] {""}
       *[other] {" "}– { $price }
    } – { $shop }{ $link ->
        [none] {""}
       *[other] {" "}– { $link }
    }

account-added =
    Added **{ $label }** as number { $number }. { $items ->
        [0] It has no items yet
        [one] The item it has now counts as known
       *[other] The { $items } items it has now count as known
    }; I look every { $interval_seconds } and post what is new.
    { $sample }
    { $without_contacts ->
        [true] Nobody gets it yet. Invite me into your direct chat with a friend and type `!share with here` there.
       *[false] {""}
    }
account-added-sample = A post would look like this: { card-line }
account-known = You already have **{ $label }**: it is number { $number }. `!share list` shows all you have.
account-removed = Removed **{ $label }**. Nothing more is posted from it.

list =
    { $paused ->
        [true] Everything is paused. `!share resume` starts it again.
       *[false] {""}
    }

    Your shops and feeds:
    { $accounts }

    Your contacts:
    { $contacts }
list-accounts = • { $number }: **{ $label }** ({ $platform }, { $name }) – { $state ->
        [active] active
        [paused] paused
       *[failing] { $failures ->
            [one] failed once
           *[other] failed { $failures } times in a row
        }
    }{ $answered_at ->
        [none] {""}
       *[other] , last read { $answered_at }
    }{ $problem ->
        [none] {""}
       *[other] . { $problem }
    }
list-accounts-none = • none yet. Type `!share add feed https://…`
list-contacts = • { $number }: **{ $person }** ({ $user }) – { $state ->
        [on] gets your offers
        [paused] paused; `!share resume { $number }` starts it again
        [off] off; `!share with { $number }` turns it on
        [stopped] stopped. { $reason } `!share with here`, typed in your direct chat, starts it again
        [muted] has muted your offers
        [encrypted] waiting, because the chat is encrypted and I cannot post there yet
       *[broken] waiting, because the homeserver does not let me post there
    }
list-contacts-none = • none yet. Invite me into your direct chat with a friend and type `!share with here` there

status =
    { $paused ->
        [true] Everything is paused. `!share resume` starts it again.
       *[false] Sharing is on.
    }
    • Shops and feeds: { $accounts }{ $failing ->
        [0] {""}
       *[other] , { $failing } of them failing (`!share list` shows why)
    }
    • Contacts: { $contacts }{ $muted ->
        [0] {""}
       *[other] , { $muted } of them muted it
    }
    • Waiting to be posted: { $waiting }
    • Last post: { $posted_at ->
        [none] none yet
       *[other] { $posted_at }
    }

preview =
    Your newest items:
    { $cards }

    Offers like these go to:
    { $contacts }

    Nothing was posted now.
preview-cards = • { card-line }
preview-cards-none = • nothing yet. `!share list` shows your shops and feeds, `!share add feed https://…` adds one
preview-contacts = • { $person }
preview-contacts-none = • nobody yet. Invite me into your direct chat with a friend and type `!share with here` there

sharing-with = **{ $person }** (number { $number }) gets your new offers from now on.{ $without_accounts ->
        [true] {" "}You have no shop or feed yet: add one with `!share add feed https://…`
       *[false] {""}
    }
not-sharing-with = **{ $person }** gets no more offers from you.
all-paused = Everything is paused. `!share resume` starts it again.
all-resumed = Sharing goes on. What came up during the pause is not posted.
one-paused = **{ $label }** is paused. `!share resume` with its number starts it again.
one-resumed = **{ $label }** goes on. What came up during the pause is not posted.
looking-now = { $accounts ->
        [one] I am looking at your shop now
       *[other] I am looking at your { $accounts } shops now
    }; new items follow shortly.
version = This is tradepost { $version }.
language-changed = I speak English with you from now on.
muted = You get no more offers from { $sharer } here. `!share unmute` brings them back.
unmuted = You get new offers from { $sharer } here again. `!share mute` stops them.
contact-status = { $muted ->
        [true] You have muted the offers of { $sharer } here. `!share unmute` brings them back.
       *[false] { $sharer } shares new offers with you here. `!share mute` stops it.
    }

## Refusals: what is wrong, and what to type next

unknown-command = There is no command `{ $typed }`. { $nearest ->
        [none] `!share help` shows what I understand.
       *[other] Did you mean `{ $nearest_usage }`?
    }
wrong-usage =
    I do not quite understand. It goes like this: `{ $topic_usage }`
    For example: `{ $topic_example }`
not-permitted = { $user } may not share through this bot. Please ask whoever runs this server to allow it, then type `!share help`.
unknown-platform =
    There is no platform `{ $typed }`. These are there:
    { $platforms }

    Type `!share add <platform> <account>`, or just `!share add <link>`.
unknown-platform-platforms = • `{ $platform }`
secret-not-taken = `{ $platform }` needs no secret, so I added nothing. Please delete your message, change the secret, and type `!share add { $platform } <account>` without it.
account-refused =
    I did not add `{ $typed }`. { $problem }

    To try again or with another address, type `!share add feed https://…`
too-many = You already have { $limit }, which is as many as one person may have. `!share list` shows them, `!share remove <number>` makes room.
unknown-number = You have nothing with the number `{ $typed }`. `!share list` shows the numbers.
no-accounts = You have no shop or feed yet. Add one with `!share add feed https://…`
unknown-contact = I know of no direct chat with `{ $typed }`. Invite me into that chat and type `!share with here` there.
not-direct-room = I cannot share here. { $reason } Use a private chat with just you, your friend and me, and type `!share with here` there.
here-needs-direct-room = `here` means a direct chat, and this is your own room with me. Type `!share with here` in your chat with a friend, or `!share with <number>` here; `!share list` shows the numbers.
not-in-direct-room = `!share { $topic }` does not work in a direct chat, because the other person reads along. Type it here instead: `{ $topic_usage }`
secret-in-direct-room = You typed account data in a direct chat, where the other person can read it. I added nothing and cannot delete it there. Please delete that message yourself, change the secret if there was one, and type `!share add …` here instead.
nobody-shares-here = Nobody shares offers with you in this chat. To share your own, type `!share with here`.
only-for-sharers = Only the person who shares can do that. You can type `!share mute` or `!share unmute`.
too-late = I was away when you typed `!share { $topic }`, so I did nothing. If you still want it, type it again: `{ $topic_usage }`
try-again = Something went wrong on my side, and nothing was changed. Please type it again in a minute.
too-fast = That was a little fast for me. Please wait a minute and type it again.

## Why an invitation is declined or a room is left

declined = { $reason }
decline-not-permitted = You may not share through this bot; please ask whoever runs this server.
decline-public = Others can join or read this room; please invite me into a private chat.
decline-too-many-people = I only join chats with you alone, or with you and one other person.
decline-special = This is not a room for chatting; please invite me into an ordinary private chat.
decline-encrypted = I cannot read encrypted chats yet; please invite me into one without encryption.
decline-unseen = I could not see what kind of room this is; please invite me again later.
decline-alone = This is no longer a chat of two people, so I left; invite me again whenever you like.

## Things said unasked

contact-stopped = I no longer share with **{ $person }** (number { $number }). { $reason } To go on, invite me into a chat of just the two of you and me, and type `!share with here` there.
room-followed = Your chat with **{ $person }** was upgraded. I moved along, and sharing goes on in the new room.
room-broken = The homeserver does not let me post to **{ $person }** (number { $number }). Your offers wait until it does; `!share without { $number }` drops them.
room-encrypted = Your chat with **{ $person }** (number { $number }) is encrypted, and I cannot post there yet. Your offers wait; `!share without { $number }` drops them.
account-failing =
    I cannot read **{ $label }** (number { $number }). { $problem }
    I keep trying. `!share list` shows how it stands, `!share remove { $number }` removes it.

## Why a room is not a direct room; the contact may read this

not-direct-bot-not-joined = I am not in that chat any more.
not-direct-public = Anybody can join that chat.
not-direct-world-readable = Anybody can read that chat.
not-direct-special = That is a space, not a chat.
not-direct-replaced = That chat has been replaced by a new one; invite me there, and sharing goes on by itself.
not-direct-others-present = Somebody else is in that chat or invited.
not-direct-sharer-gone = You are not in that chat any more.
not-direct-contact-gone = The other person is not in that chat.

## What can be wrong with a shop or feed

problem-not-an-address = That is not a web address; it should look like https://shop.example/feed.
problem-address-not-allowed = Only addresses that begin with https:// or http://, without a user name or password, can be read.
problem-private-address = That address is not on the public internet, so I may not read it.
problem-host-not-found = There is no server with that name; please check the spelling.
problem-connection-failed = I could not connect to the server.
problem-timed-out = The server took longer than { $limit_seconds }.
problem-too-large = It is larger than { $limit_bytes }, and I read no more than that.
problem-too-many-redirects = The address leads on to another again and again.
problem-http-status = The server answered with error { $status }.
problem-asked-to-wait = The server asks me to come back later.
problem-not-found = Nothing is at that address; please check it.
problem-needs-login = The server wants a login for that address; I can only read public ones.
problem-page-without-feed = That is a web page, and it names no feed. Look on it for a link called RSS, Atom or feed.
problem-page-with-feeds =
    That is a web page, and it names these feeds. Type one of these lines instead:
    { $feeds }
problem-page-with-feeds-feeds = • `!share add feed { $address }` { $title }
problem-not-a-feed = What stands there is neither a feed nor a web page.

## The commands

topic-help = help
    .usage = !share help [command]
    .about = Shows all commands, or explains one.
    .example = !share help add
topic-platforms = platforms
    .usage = !share platforms
    .about = Shows where you can add accounts.
    .example = !share platforms
topic-add = add
    .usage = !share add <platform> <account> [secret]
    .about = Adds a shop or feed; a link alone is enough.
    .example = !share add feed https://shop.example/feed.xml
topic-remove = remove
    .usage = !share remove <number>
    .about = Removes a shop, feed or contact.
    .example = !share remove 1
topic-list = list
    .usage = !share list
    .about = Shows your shops, feeds and contacts with their numbers.
    .example = !share list
topic-with = with
    .usage = !share with here|<@user>|<number>
    .about = Shares your new items with somebody; type it with “here” in your direct chat.
    .example = !share with here
topic-without = without
    .usage = !share without here|<@user>|<number>
    .about = Stops sharing with somebody.
    .example = !share without 2
topic-pause = pause
    .usage = !share pause [number]
    .about = Pauses everything, or one shop or contact.
    .example = !share pause 1
topic-resume = resume
    .usage = !share resume [number]
    .about = Goes on after a pause.
    .example = !share resume 1
topic-now = now
    .usage = !share now
    .about = Looks for new items at once.
    .example = !share now
topic-status = status
    .usage = !share status
    .about = Shows how things stand.
    .example = !share status
topic-preview = preview
    .usage = !share preview
    .about = Shows what would be shared with whom, without posting it.
    .example = !share preview
topic-language = language
    .usage = !share language en|zh
    .about = Changes the language I speak with you.
    .example = !share language zh
topic-mute = mute
    .usage = !share mute
    .about = Stops the offers you get in this chat.
    .example = !share mute
topic-unmute = unmute
    .usage = !share unmute
    .about = Brings them back.
    .example = !share unmute
topic-version = version
    .usage = !share version
    .about = Shows which tradepost this is.
    .example = !share version

## Cards

kind-listing = New
kind-sale = Sold
kind-purchase = Bought
kind-price-change = New price
kind-withdrawn = No longer available
no-longer-available = no longer available
board-heading = What { $sharer } offers now: { $count ->
        [one] { $count } item
       *[other] { $count } items
    }
board-empty = Nothing at the moment.
digest-heading = { $count ->
        [one] { $count } new item
       *[other] { $count } new items
    }

## Amounts; when-pattern is a strftime pattern for a time in UTC

price = { $currency } { $amount }
when-pattern = %-d %B %Y, %H:%M UTC
duration-days = { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
duration-hours = { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
duration-minutes = { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-seconds = { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
size-megabytes = { $count } MB
size-kilobytes = { $count } KB
size-bytes = { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
