### What tradepost says, in English.
###
### A message is named after the notice that it says (src/domain/notice.rs); its arguments are the
### notice's fields. A value with a tag of its own is said by the message tag-value and arrives as
### text, its attributes as $field_attribute. A list arrives line by line, each said by the message
### notice-field, a list of words or names in one line; an empty one is said by notice-field-none where
### there is one, and $field_count is how many there are. A category arrives as its name, and as what
### is typed for it in $field_id. What is not there is "none", yes and no are "true" and "false";
### $field_given says so where "none" could have been typed. `…` is something to type, **…** is bold, a
### line that begins with • belongs to a list, an empty line begins a paragraph.

## Greetings

greeting =
    Hello! I am tradepost. I post new items from your shops and feeds into the direct chats you choose.

    First type `!share add feed https://…` here, with the address of a shop or its feed.
    Then invite me into your direct chat with a friend and type `!share with here` there.

    `!share` shows boxes to tick: what is shared, and with whom. `!share help` shows everything I understand. 中文请输入 `!分享 语言 zh`。
helper-greeting = Hello! { $sharer }, type `!share with here` to share your new offers with the other person in this chat. Until then I post nothing.
guest-greeting =
    Hello! I am tradepost. People who share offers through me reach you in your direct chats with them; here you can say what you want to hear of.

    • `!share mute @joy:example.org` – nothing more from this person, in any chat; `!share unmute @joy:example.org` brings it back
    • `!share muted` – whom you have muted
    • `!share privacy` – what I keep about you; `!share forget me` erases it

    Sharing offers of your own needs a permission; whoever runs this server can give it. 中文请输入 `!分享 语言 zh`。
introduction = { $sharer } shares new offers with you here through tradepost. React 🔕 to one or type `!share mute` to stop it; `!share only <categories>` narrows it down.
consent-asked =
    { $sharer } would like to share new offers with you here through tradepost. Nothing is posted unless you agree.
    Type `!share yes` or `!share no`, or react ✅ or ❌ to this message.
own-introduction = I share new offers with you here through tradepost. React 🔕 to one or type `!share mute` to stop it; `!share only <categories>` narrows it down.
moved-to-direct-room = Sharing goes on in the direct room of the two of you.
retired = This server has stopped its sharing of offers: nothing more is posted here.
own-consent-asked =
    I would like to share new offers with you here through tradepost. Nothing is posted unless you agree.
    Type `!share yes` or `!share no`, or react ✅ or ❌ to this message.

## Answers

help =
    This is what I understand. `<…>` is needed, `[…]` is optional. In your own room with me you can leave out `!share`.

    { $sections }

    `!share help <command>` explains one command, with an example.
help-section-shops = **Your shops and feeds**
    { $topics }
help-section-sharing = **Who sees them**
    { $topics }
help-section-what = **What is shared**
    { $topics }
help-section-receiving = **When somebody shares with you** (type these in your direct chat, or with a person's id in your own room with me)
    { $topics }
help-section-answers = **Answers, when I ask you something**
    { $topics }
help-section-general = **Everything else**
    { $topics }
help-topics = • `{ $topic_usage }` – { $topic_about }
help-topic =
    `{ $topic_usage }`
    { $topic_about }
    Example: `{ $topic_example }`
    { $topic_more ->
        [none] {""}
       *[other] { $topic_more }
    }
help-in-direct-room =
    To share with the other person here: `!share with here`, `!share without here`, `!share pause`, `!share resume`, or `!share` for boxes to tick; everything else works in your own room with me.
    If somebody shares with you here: `!share mute`, `!share unmute`, `!share only <categories>`, `!share status`, or react 🔕 to a post.

platforms =
    You can add accounts at:
    { $platforms }

    Type `!share add <platform> <account>`, or just `!share add <link>`.
platforms-platforms = • `{ $platform }` – { $platform ->
        [feed] any shop, blog or marketplace with an RSS, Atom or JSON feed
       *[other] { $name }
    }: { $kinds }. { $needs ->
        [name-or-secret] Its name or address is enough; with a secret there is more
        [secret] Needs a secret
        [nothing] Your account here is your account there: `!share add { $platform }`
        [set-up] Not set up here; whoever runs this server can
       *[name] Its name or address is enough
    }
platforms-platforms-kinds-none = nothing
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
    { $more_with_secret ->
        [true] With a secret it could give your sales too: `!share secret { $number }`
       *[false] {""}
    }
    { $could_push ->
        [true] I can also hear of new items at once, instead of looking: `!share push { $number }`
       *[false] {""}
    }
    { $only_polled ->
        [true] The shop cannot tell me by itself, since this server has no public address for it, so I look every { $interval_seconds }.
       *[false] {""}
    }
account-added-sample = A post would look like this: { card-line }
secret-asked =
    I need a secret for **{ $name }**{ $renews ->
        [true] {""}, number { $account }
       *[false] {""}, `{ $account }`
    }.
    { $consent ->
        [none] {""}
       *[other] Best: agree at the platform itself. Open within the hour: { $consent }
    }
    { $page ->
        [none] {""}
       *[other] Or give me the secret on this page, which works once and for an hour: { $page }
    }
    { $renews ->
        [true] Or type `!share secret { $account } <secret>` here; I take that message away at once.
       *[false] Or type `!share add { $platform } { $account } <secret>` here; I take that message away at once.
    }
secret-taken = The new secret for **{ $label }** (number { $number }) works.
confirm-asked =
    Number { $number } is **{ $label }** at { $platform }. It counts as soon as you have confirmed there that it is yours.
    { $page ->
        [none] The platform shows you a code: type `!share confirm { $number } <code>`
       *[other] Please open { $page }
    }
account-confirmed = **{ $label }** (number { $number }) is confirmed. From now on I post what is new.
interval-changed = I look at **{ $label }** every { $interval_seconds } now.
push-on = **{ $label }** sends new items by itself now. I still look every { $interval_seconds }, so that nothing is lost.
push-off = **{ $label }** sends nothing by itself any more. I look every { $interval_seconds }.
push-asked =
    To have **{ $label }** send new items by itself, I need the right to tell the shop so.
    { $consent ->
        [none] Type `!share secret { $number }` and give me a secret that may write.
       *[other] You can give it here, within the hour: { $consent }
    }
    { $by_hand ->
        [true] Or set it up yourself, without that right: `!share push { $number } by hand`
       *[false] {""}
    }
secret-stays =
    { $is_direct ->
        [true] You typed a secret in a direct chat, and I am not allowed to delete the message there. The other person can read it, and so can the servers of you both. Please delete it yourself.
       *[false] I am not allowed to delete your message with the secret in it. Please delete it yourself: it stands in the chat, and on the servers of all who are in it.
    }
    Then revoke that secret{ $label ->
        [none] {" "}at the shop and make a new one. Do not type it in a chat: `!share add …` without it gives you a link.
       *[other] {" "}of **{ $label }** at the shop and make a new one. { $page ->
            [none] Type `!share secret { $number }`, and I say how to give it.
           *[other] Give it to me here, once and within the hour: { $page }
        }
    }
push-by-hand =
    In the settings of **{ $label }**, make a webhook for each of these:
    { $topics }

    You see address and secret here, once and within the hour, so that they do not stand in this chat: { $page }
push-by-hand-topics = • `{ $person }`
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
list-accounts = • { $number }: **{ $label }** { $platform ->
        [post] (`!share post`)
       *[other] ({ $platform }, { $name })
    } – { $state ->
        [active] active
        [paused] paused
        [needs-secret] needs a new secret: `!share secret { $number }`
        [unconfirmed] waiting: please confirm it at the platform
       *[failing] { $failures ->
            [one] failed once
           *[other] failed { $failures } times in a row
        }
    }{ $answered_at ->
        [none] {""}
       *[other] , last read { $answered_at }
    }{ $pushes ->
        [true] , sends by itself
       *[false] {""}
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
        [muted] has muted your offers{ $until_at ->
            [none] {""}
           *[other] {" "}until { $until_at }
        }
        [asked] has been asked and has not answered yet
        [declined] does not want your offers
        [encrypted] waiting: the chat is encrypted, and encryption is switched off here, does not work at the moment, or nobody there has a device that may read it
       *[broken] waiting, because the homeserver does not let me post there
    }{ $speaker ->
        [sharer] {" "}(as you)
        [unverified] {" "}(as you; this chat is encrypted, and you have not verified the device I have for you: `!share verify`)
        [gone] {" "}(as you; the device I had for you was removed, so nothing is posted as you: `!share as me` makes a new one)
       *[bot] {""}
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
    }{ $speaker ->
        [sharer] . You share in your own name
        [unverified] . You share in your own name, and have not verified the device I have for you: `!share verify`
        [gone] . The device I had for you was removed, so nothing is posted as you: `!share as me` makes a new one
       *[bot] {""}
    }
    • Waiting to be posted: { $waiting }
    • Last post: { $posted_at ->
        [none] none yet
       *[other] { $posted_at }
    }

preview =
    Your newest items:
    { $cards }

    Nothing was posted now.
preview-cards = • { card-line } → { $values_count ->
        [0] goes to nobody
       *[other] goes to { $values }
    }
preview-cards-none = • nothing yet. `!share list` shows your shops and feeds, `!share add feed https://…` adds one

sharing-with = { $declined ->
        [true] **{ $person }** (number { $number }) did not want your offers. Nothing is posted unless that changes with a `!share yes` in your chat.
       *[false] { $asked ->
            [true] I have asked **{ $person }** (number { $number }) whether your offers are welcome. Nothing is posted before the answer is yes.
           *[false] **{ $person }** (number { $number }) gets your new offers from now on.
        }
    }{ $without_accounts ->
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
muted = You get no more offers from { $sharer } here{ $until_at ->
        [none] {""}
       *[other] {" "}until { $until_at }
    }. `!share unmute` brings them back.
unmuted = You get new offers from { $sharer } here again. `!share mute` stops them, `!share only <categories>` narrows them down.
everyone-muted = Nobody's offers come to you any more, whoever shares with you now or later{ $until_at ->
        [none] {""}
       *[other] {" "}until { $until_at }
    }. `!share unmute everyone` brings them back.
everyone-unmuted = Offers come to you again, except from those whom you muted by name: `!share muted` shows whom.
everyone-is-muted = You have muted everyone, so one of them alone cannot come through. Type `!share unmute everyone` first.
contact-status = { $asked ->
        [true] { $sharer } would like to share new offers with you here, and waits for your answer: type `!share yes` or `!share no`.
       *[false] { $muted ->
            [true] You have muted the offers of { $sharer } here{ $until_at ->
                [none] {""}
               *[other] {" "}until { $until_at }
            }. `!share unmute` brings them back.
           *[false] { $sharer } shares new offers with you here. `!share mute` or 🔕 on a post stops it.
        }
    }{ $only_count ->
        [0] {""}
       *[other] {" "}You get only { $only }; `!share only all` brings the rest back.
    }
only-these = { $categories_count ->
        [0] You get everything that { $sharer } shares with you here. `!share only <categories>` narrows it down.
       *[other] From { $sharer } you get only { $categories } now. `!share only all` brings the rest back.
    }
agreed = Thank you. New offers from { $sharer } come here from now on; `!share mute` or 🔕 on a post stops them.
declines = Nothing from { $sharer } is posted here. Should you change your mind, type `!share yes`.

## The panel

panel =
    { $person_given ->
        [true] **What { $person } gets**
       *[false] **What you share, and with whom**
    }{ $pages ->
        [one] {""}
       *[other] {" "}(page { $page } of { $pages })
    }

    { $sections }

    React with a number to tick or untick{ $pages ->
        [one] {""}
       *[other] ; ◀ ▶ turn the page
    }.
panel-sections = **{ $section }**
    { $rows }
panel-sections-none = There is nothing to tick yet.
panel-sections-rows = { $key } { $on ->
        [true] ☑
       *[false] ☐
    } { $name }
panel-sections-rows-none = nothing here yet
panel-part-platforms = Shops and feeds
panel-part-contacts = Contacts
panel-part-categories = Categories
panel-part-kinds = What may be shown
panel-part-outputs = How it is shown
panel-name-account = { $label } ({ $platform })
panel-name-platform = { $platform }{ $asks ->
        [true] {" "}– react to add an account
       *[false] {""}
    }
panel-name-contact = { $person }{ $muted ->
        [true] {" "}– has muted your offers
       *[false] {""}
    }{ $own ->
        [true] {" "}(as you)
       *[false] {""}
    }
panel-name-category = { $category }
panel-name-kind = { $kind } – { $kind_about }
panel-name-output = { $output } – { $output_about }
panel-here = **What { $sharer } shares here**
    { $rows }

    { $sharer } can react with a number to tick or untick; other people's reactions do not count.
panel-here-rows = { panel-sections-rows }
panel-here-rows-none = nothing here yet
panel-stale = This panel is out of date, so I changed nothing. `!share` opens a new one.
panel-opened = Your panel is here: { $link }
account-asked = Which account at **{ $platform }**? Type its name or its link as your next message, or `cancel`.
cancelled = Cancelled. Nothing was changed.

category-other = anything else
kinds-listing = listings
    .about = new offers
kinds-sale = sales
    .about = what you sold
kinds-purchase = purchases
    .about = what you bought
kinds-price-change = price changes
    .about = new prices
kinds-withdrawn = withdrawals
    .about = what is no longer available
output-message = message
    .about = a post for each offer
output-popup = popup
    .about = a post that also notifies
output-board = board
    .about = one post with all current offers
output-digest = digest
    .about = one post a day
output-status = status
    .about = your newest offer beside your own name, for everybody who shares a room with you
comma = ,{" "}

## Contacts and what is set for them

contacts =
    Your direct chats that I know:
    { $contacts }

    `!share with <number>` shares with somebody, `!share set for <number> …` sets what goes there.
contacts-contacts = { list-contacts }
contacts-contacts-none = { list-contacts-none }
settings =
    { $person_given ->
        [true] This holds for **{ $person }**:
       *[false] This holds for all your contacts, where nothing else is set for one of them:
    }
    { $settings }

    `!share set <setting> <value>` changes one for all, `!share set for <contact> <setting> <value>` for one contact. `!share help set` shows how.
settings-settings = • { $setting }{ $own ->
        [true] {""}
       *[false] {" "}(default)
    }
settings-settings-none = • nothing yet
setting-changed =
    { $person_given ->
        [true] Now holds for **{ $person }**:
       *[false] Now holds for all your contacts, where nothing else is set for one of them:
    }
    { $settings }
setting-changed-settings = { settings-settings }
setting-changed-settings-none = { settings-settings-none }
setting-accounts = `accounts`: { $all ->
        [true] all
       *[false] { $values }
    }
setting-accounts-values-none = none
setting-categories = `categories`: { $all ->
        [true] all
       *[false] { $categories }
    }
setting-categories-categories-none = none
setting-kinds = `kinds`: { $kinds }
setting-kinds-kinds-none = none
setting-outputs = `output`: { $outputs }
setting-digest = `digest`: daily at { $time }
setting-quiet = `quiet`: { $hours_given ->
        [true] { $hours }
       *[false] never
    }
setting-price = `price`: { $range_given ->
        [true] { $range }
       *[false] any
    }
setting-time-zone = `timezone`: { $zone }
setting-language = `language`: { $chosen ->
        [en] English
        [zh-CN] 中文
       *[none] the contact's own
    }
setting-popup = `popup`: { $popup_seconds_given ->
        [true] withdrawn after { $popup_seconds }
       *[false] not withdrawn
    }
orders-asked =
    { $account ->
        [true] Shall I share your own trades from **{ $label }** too ({ $kinds })? They go only to contacts for whom you turn them on as well.
       *[false] Shall I show **{ $label }** your own trades too ({ $kinds })?
    }
    What is shown: the item, its price, its link, and that you bought or sold it. Never shown: who the buyer is, the order number, the exact time.
    Type `!share yes` or `!share no`.
account-kinds = From **{ $label }** this is shared now: { $kinds }.
account-kinds-kinds-none = nothing
withdraw-asked =
    Shall I also withdraw { $cards ->
        [one] the post of yours that is still in your chat
       *[other] the { $cards } posts of yours that are still in your chat
    } with **{ $person }**?
    Type `!share yes` or `!share no`.
withdrawn-all = { $cards ->
        [one] I am withdrawing one post.
       *[other] I am withdrawing { $cards } posts.
    }
left-as-it-is = All right, it stays as it is.

## Categories

categories =
    Built in:
    { $built_in }

    Your own:
    { $own }

    What fits none of them counts as { category-other } (`other`). `!share set categories <category>, <category>` chooses; `!share category new <name> <criteria>` makes one.
categories-built-in = • **{ $name }** (`{ $name_id }`){ $on ->
        [true] {" "}– shared
       *[false] {" "}– not shared
    }
categories-built-in-none = • none
categories-own = • **{ $name }**: `{ $criteria }`{ $on ->
        [true] {" "}– shared
       *[false] {" "}– not shared
    }
categories-own-none = • none yet. For example: `!share category new food noodles, tea`
category-shown = { $built_in ->
        [true] **{ $category }** (`{ $category_id }`) is built in; it cannot be changed, but you can make your own with `!share category new <name> <criteria>`.
       *[false] **{ $category }**: `{ $criteria }`. `!share category edit "{ $category_id }" <criteria>` changes it.
    }
category-saved = { $changed ->
        [true] Changed **{ $name }**:
       *[false] Made **{ $name }**:
    } `{ $criteria }`. `!share category test <text>` tries it out, `!share set categories …` chooses who gets what.
category-deleted = Deleted **{ $name }**.
category-tested = { $tested }
category-tested-tested = **{ $title }**
    { $categories }
category-tested-tested-categories = • { $name } – { $because }
category-tested-tested-categories-none = • fits no category, so it counts as { category-other } (`other`)
category-tested-tested-none = There is nothing there to test.
because-taxonomy = the shop's Google category is “{ $text }”
because-path = the shop's own category “{ $path }” has “{ $found }” in it
because-title = the title has “{ $found }” in it
because-pattern = the title fits the pattern `{ $pattern }`
because-price = the price fits

## What was shared

recent =
    Your newest items and for how many contacts they were meant:
    { $trades }

    `!share why <number>` tells why, `!share undo <number>` withdraws one.
recent-trades = • { $number }: **{ $title }** – { $undone ->
        [true] withdrawn
       *[false] { $contacts ->
            [0] nobody
            [one] 1 contact
           *[other] { $contacts } contacts
        }
    }
recent-trades-none = • none yet
why = **{ $title }** (number { $number }){ $undone ->
        [true] {" "}– you have withdrawn it
       *[false] {""}
    }

    Its categories:
    { $categories }

    For whom it was meant:
    { $contacts }
why-categories = { category-tested-tested-categories }
why-categories-none = { category-tested-tested-categories-none }
why-contacts = • **{ $person }**: { $reason ->
        [none] yes
       *[other] no, { $reason }
    }
why-contacts-none = • nobody; you had no contacts then
unmeant-all-paused = everything was paused
unmeant-account-paused = this shop was paused or had just been added
unmeant-account-kind = items of this kind are not shared from this shop
unmeant-contact-off = this contact was off or paused
unmeant-blocked = whoever runs this server lets nothing be shared with this contact
unmeant-not-agreed = this contact has not agreed yet
unmeant-muted = this contact had muted your offers
unmeant-account = this contact does not get this shop
unmeant-kind = this contact does not get items of this kind
unmeant-category = this contact gets other categories
unmeant-own-choice = this contact asked for other categories
unmeant-price = the price is not known or not in the range that you set
unmeant-known = it had been posted there before
undone = **{ $title }** (number { $number }) { $rooms ->
        [0] was posted nowhere, and will not be.
        [one] is being withdrawn from the chat where it stands, and will not be posted again.
       *[other] is being withdrawn from the { $rooms } chats where it stands, and will not be posted again.
    }
purchase-held =
    You bought this: { card-line }
    In { $hold_seconds } it goes to:
    { $contacts }

    Should it not, react ❌ to this message or type `!share undo { $number }`.
purchase-held-contacts = • { $person }
purchase-held-contacts-none = • nobody

posted =
    I am sharing: { card-line }
    It goes to: { $contacts }
    { $beside_name ->
        [true] It stands beside your own name too.
       *[false] {""}
    }
    { $problem ->
        [none] {""}
       *[other] I could not read the page, so I took only what you typed. { $problem }
    }
    `!share undo` takes it back.
posted-contacts-none = nobody
posted-before = { $number ->
        [none] You have shared **{ $title }** before.
       *[other] You have shared **{ $title }** before, as number { $number }.
    } { $changed ->
        [true] Now its price, or whether it can be had, is another: what stands in your chats is being changed.
       *[false] Nothing about it has changed{ $contacts_count ->
            [0] , and nobody new gets it. With another price it is a price change: `!share post <link> | 20 EUR`
           *[other] , so it goes only to those who have not had it.
        }
    }
    { $contacts_count ->
        [0] {""}
       *[other] It goes to: { $contacts }
    }
    { $problem ->
        [none] {""}
       *[other] I could not read the page, so I took only what you typed. { $problem }
    }
posted-to-nobody =
    I shared nothing, because nobody would get this: { card-line }
    Its categories: { $categories }
    { $contacts }

    `!share set` shows what is set, `!share with <number>` shares with somebody. Then type it again.
posted-to-nobody-contacts = { why-contacts }
posted-to-nobody-contacts-none = • You share with nobody yet. Invite me into your direct chat with a friend and type `!share with here` there; `!share contacts` shows the chats I know
posted-to-nobody-categories-none = { category-other } (`other`)
post-paused = I shared nothing, because { $everything ->
        [true] everything is paused. `!share resume` starts it again
       *[false] what you share by hand is paused. `!share resume { $number }` starts it again
    }; then type it again.

## What somebody who gets offers may say, anywhere

sharer-muted = You get nothing more from `{ $user }`, in any chat{ $until_at ->
        [none] {""}
       *[other] , until { $until_at }
    }. `!share unmute { $user }` brings it back.
sharer-unmuted = You get the offers of `{ $user }` again. `!share mute { $user }` stops them.
muted-sharers =
    You have muted the offers of:
    { $sharers }
muted-sharers-sharers = • { $user }{ $until_at ->
        [none] {""}
       *[other] {" "}until { $until_at }
    } – `!share unmute { $user }` brings them back
muted-sharers-sharers-none = • nobody. `!share mute @joy:example.org` mutes somebody
privacy =
    What I keep about { $user }:
    • your user id, and your name as it is shown in the rooms with me that you are in ({ $rooms })
    • your language: { $language ->
        [true] the one you chose
       *[false] none; you have not chosen one
    }
    • shops and feeds that you added: { $accounts }
    • contacts that you share with: { $contacts }, with what you set for them, your own categories, and which of your items were meant for whom
    • what you want to hear of: your mutes, the categories you asked for, and whether you agreed to get offers
    • your reactions to what I posted, as far as they mean something to me

    Who has you as a contact:
    { $sharers }

    Whose offers you muted:
    { $muted }

    I keep commands until they are carried out, and remember what I posted and where. What people write to each other I never keep: in a chat with others, whatever does not begin with `!share` or `!分享` is dropped as it arrives.

    `!share forget me` has it erased.
privacy-sharers = • { $user }, as “{ $name }” – { $on ->
        [true] offers go to you
       *[false] no offers go to you at the moment
    }
privacy-sharers-none = • nobody
privacy-muted = • { $user }{ $until_at ->
        [none] {""}
       *[other] {" "}until { $until_at }
    }
privacy-muted-none = • nobody
forget-asked =
    I would erase for good what I keep about you:
    • your shops and feeds ({ $accounts }) with their secrets; shops that send me anything by themselves are told to stop
    • your contacts ({ $contacts }), your settings and categories, what was decided about your items, and what waits to be posted for you
    • what I remember of what I posted for you and to you, your reactions to it, your language{ $own_name ->
        [true] , and that I may share in your name; your device at tradepost is deleted
       *[false] {""}
    }
    • you, as a contact of others ({ $sharers }), who are told

    This stays: what you muted, declined or narrowed down, so that nobody begins anew with what you did not want; and that you are in rooms with me, until you leave them. Who may not be muted yet may begin to share with you again: `!share mute @joy:example.org` before keeps that away.{ $own_cards ->
        [0] {""}
        [one] {" "}One post that stands in your own name stays too: you can delete it yourself.
       *[other] {" "}{ $own_cards } posts that stand in your own name stay too: you can delete them yourself.
    }

    Shall I? Answer `yes` or `no`.{ $cards ->
        [0] {""}
        [one] {" "}Nothing is erased yet then: next I ask what becomes of your post that still stands in a chat.
       *[other] {" "}Nothing is erased yet then: next I ask what becomes of your { $cards } posts that still stand in chats.
    }
exported = { $files ->
        [one] The file above holds what I keep about your sharing
       *[other] The { $files } files above hold what I keep about your sharing
    }: settings, shops without their secrets, contacts, categories, wishes, what was decided about your items, and what I posted.{ $left_out ->
        [0] {""}
       *[other] {" "}{ $left_out } older entries did not fit.
    }
file-not-taken = The homeserver did not take the file: perhaps it lets me upload nothing, or nothing as large. Please ask whoever runs it.
forget-posted-asked =
    { $cards ->
        [one] One post of yours still stands in a chat.
       *[other] { $cards } posts of yours still stand in chats.
    } Shall I withdraw what was posted before I erase everything?
    • `yes` – it is withdrawn, and everything is erased
    • `no` – it stays where it is, and everything is erased
    • `cancel` – nothing is erased
forgotten = It is done: I have erased what I kept about you.{ $cards ->
        [0] {""}
        [one] {" "}One post is being withdrawn.
       *[other] {" "}{ $cards } posts are being withdrawn.
    } You may leave this room now; if you type something here, I begin anew.
contact-forgotten = **{ $person }** (number { $number }) had me erase what I keep about them. Nothing of yours goes to them any more.

## Refusals: what is wrong, and what to type next

unknown-command = There is no command `{ $typed }`. { $nearest ->
        [none] `!share help` shows what I understand.
       *[other] Did you mean `{ $nearest_usage }`?
    }
wrong-usage =
    I do not quite understand. It goes like this: `{ $topic_usage }`
    For example: `{ $topic_example }`
not-permitted = { $user } may not share through this bot. Please ask whoever runs this server to allow it, then type `!share help`.
sharing-disabled = Whoever runs this server has stopped your sharing for now, and nothing of yours is posted; please ask them why.
too-many-today = You have begun to share with { $limit } people today, which is as many as may be new in a day. Please go on tomorrow.
too-many-in-all = On this server as many people as may be are shared with already, so I could not begin with another. Please ask whoever runs it to allow more.
contact-blocked = Whoever runs this server lets nothing be shared with this person.
ask-alone = You are on another server, where I may not open a chat by myself. Please invite me into a chat of just the two of us, and ask me there.
unknown-platform =
    There is no platform `{ $typed }`. These are there:
    { $platforms }

    Type `!share add <platform> <account>`, or just `!share add <link>`.
unknown-platform-platforms = • `{ $platform }`
secret-not-taken = `{ $platform }` needs no secret, so I added nothing. Please delete your message, change the secret, and type `!share add { $platform } <account>` without it.
platform-not-set-up = `{ $platform }` is not set up here. Whoever runs this server can do that. `!share platforms` shows what works.
account-not-shared = Accounts at `{ $platform }` are those of people on { $server }, each their own: type `!share add { $platform }` from your account there.
interval-too-short = I may not look more often than every { $limit_seconds }.
link-template = `{ $typed }` is no template for links. It is the address of an item's page with `{"{slug}"}`, `{"{id}"}` or `{"{sku}"}` where they differ, such as `https://shop.example/p/{"{slug}"}`.
push-not-possible = `{ $platform }` cannot send new items by itself, so I look there again and again.
no-public-address = This server has no public address for shops, so none can send anything by itself. Whoever runs it can set `web.public_url`. I look at your accounts again and again.
nothing-to-confirm = **{ $label }** needs no confirmation.
no-secret-for-account = **{ $label }** takes no secret.
account-refused =
    I did not add `{ $typed }`. { $problem }

    To try again or with another address, type `!share add feed https://…`
post-refused =
    I did not share `{ $typed }`. { $problem }
    { $needs_title ->
        [true] Say yourself what it is, and I share it all the same: `!share post { $typed } Tea pot | 25 EUR`
       *[false] {""}
    }
link-not-posted = I did not share `{ $typed }`: I post only links that begin with https:// and are not longer than 2,000 characters.
wrong-price = `{ $typed }` is not a price, so I shared nothing. Write it behind a bar, with its currency: `!share post https://… Tea pot | 25 EUR`; `25,50 €` or `¥199` are fine too.
nothing-to-look-at = **{ $label }** holds what you share yourself with `!share post`: there is nothing for me to look at, and no secret.
too-many = You already have { $limit }, which is as many as one person may have. `!share list` shows shops and contacts, `!share remove <number>` makes room; for categories it is `!share category list` and `!share category delete <name>`.
unknown-number = You have nothing with the number `{ $typed }`. `!share list` shows the numbers.
no-accounts = You have no shop or feed yet. Add one with `!share add feed https://…`
unknown-contact = I know of no direct chat with `{ $typed }`. Invite me into that chat and type `!share with here` there; `!share contacts` shows those I know.
ambiguous-contact =
    Several of your contacts are called `{ $typed }`. Please type the number instead:
    { $contacts }
ambiguous-contact-contacts = { list-contacts }
not-direct-room = I cannot share here. { $reason } Use a private chat with just you, your friend and me, and type `!share with here` there.
here-needs-direct-room = `here` means a direct chat, and this is your own room with me. Type it in your chat with a friend, such as `!share with here`; to name somebody from here, type `!share with <number>`. `!share list` shows the numbers.
not-in-direct-room = `!share { $topic }` does not work in a direct chat, because the other person reads along. Type it here instead: `{ $topic_usage }`
secret-in-direct-room = You typed account data in a direct chat, where the other person can read it. I did nothing with it, and delete a message with a secret where I am allowed to. If there was a secret in it, revoke it at the shop and make a new one, and type `!share add …` or `!share secret …` here instead.
nobody-shares-here = Nobody shares offers with you in this chat. To share your own, type `!share with here`.
only-for-sharers =
    Only the person who shares can do that.
    You can type `!share mute`, `!share unmute`, `!share only <categories>` or `!share status`, or react 🔕 to a post.
too-late = I was away when you typed `!share { $topic }`, so I did nothing. If you still want it, type it again: `{ $topic_usage }`
try-again = Something went wrong on my side, and nothing was changed. Please type it again in a minute.
too-fast = That was a little fast for me. Please wait a minute and type it again.

unknown-category =
    There is no category `{ $typed }`. These are there:
    { $categories }

    `other` stands for { category-other }; `!share category new <name> <criteria>` makes a new one.
unknown-category-categories = • { $name } (`{ $name_id }`)
category-known = { $built_in ->
        [true] **{ $name }** is built in and cannot be changed. Please choose another name: `!share category new <name> <criteria>`
       *[false] You already have **{ $name }**. `!share category edit "{ $name }" <criteria>` changes it.
    }
category-name = A category cannot be called `{ $typed }`: the name is too long, or it means something else here. Please choose another: `!share category new <name> <criteria>`
wrong-criteria =
    I cannot read these criteria. { $reason }
    `!share help category` shows examples.
wrong-criteria-nothing-wanted = Nothing says what belongs to the category; name at least one word, pattern, path or price, such as `noodles, tea`.
wrong-criteria-too-long = They are longer than { $limit } characters.
wrong-criteria-too-many = There are more than { $limit } of them.
wrong-criteria-empty-word = `{ $typed }` has no letter or digit in it.
wrong-criteria-not-closed = The mark that ends this is missing: `{ $typed }`
wrong-criteria-pattern = The pattern is wrong at the ❗: `{ $before }❗{ $after }` – { $fault }
wrong-criteria-price = `{ $typed }` is not a price; write it like `price < 100 EUR` or `price 10-500 EUR`.
pattern-fault-not-closed = a bracket is opened and not closed.
pattern-fault-not-opened = a bracket is closed that was not opened.
pattern-fault-repetition = there is nothing before it that can be repeated.
pattern-fault-class = these square brackets are empty, or a range in them runs backwards.
pattern-fault-escape = there is no such character with a backslash; for a plain mark write it like `\.`
pattern-fault-unsupported = looking ahead or back and back references are not supported.
pattern-fault-too-large = it would become too large; please make it simpler.
pattern-fault-fits-all = it fits every title, also an empty one.
pattern-fault-other = I cannot read it from there.
wrong-setting = { $reason } `!share help set` shows all settings.
wrong-setting-unknown = There is no setting `{ $typed }`.
wrong-setting-kind = There is no kind `{ $typed }`; there are `listings`, `sales`, `purchases`, `price changes` and `withdrawals`.
wrong-setting-output = I cannot show offers as `{ $typed }`; there are `message`, `popup`, `board`, `digest` and `status`.
wrong-setting-time = `{ $typed }` is not a time of day; write it like `18:00`.
wrong-setting-quiet = `{ $typed }` is not a span of hours; write it like `22:00-08:00`, or `off`.
wrong-setting-price = `{ $typed }` is not a price; write it like `< 500 EUR` or `10-500 EUR`, or `any`.
wrong-setting-time-zone = I know no time zone `{ $typed }`; { $nearest ->
        [none] write it like `Europe/Berlin`.
       *[other] did you mean `{ $nearest }`?
    }
wrong-setting-language = I do not speak `{ $typed }`; there are `en` and `zh`.
wrong-setting-account = You have no shop or feed with the number `{ $typed }`; `!share list` shows the numbers.
wrong-setting-duration = `{ $typed }` is not a length of time; write it like `10m`, `2h` or `30d`, or `off`.
wrong-setting-not-for-one = Of a shop only the `kinds` can be set; everything else is set for contacts.
wrong-setting-status-for-one = Your status line is the same for everybody, so `status` can only be set for all: `!share set output message, status`
orders-need-contact = Sales and purchases are never shown to everybody at once. Name the contact: `!share set for <contact> kinds listings, sales`
status-needs-own-name = Your status line is written in your own name, and you have not allowed that. Type `!share as me` first.
status-seen-by-all = Everybody who shares a room with you sees your status line, not only your contacts. Each new offer that fits what is set for all your contacts replaces what stands there; sales and purchases never do.
nothing-asked = I have not asked you anything, or too long ago. `!share help` shows what I understand.
unknown-trade = There is no item with the number `{ $typed }`. `!share recent` shows the newest ones and their numbers.
nothing-shared = Nothing has been shared yet. `!share preview` shows what would be.
no-user = { $typed_given ->
        [true] `{ $typed }` is not a whole user id; type it like `@joy:example.org`.
       *[false] Whose offers do you mean? Type that in your direct chat, or here with the whole user id: `!share mute @joy:example.org`
    }
full = You have as much as one person may have here, so I added nothing. Delete something first, for example with `!share category delete <name>` or `!share unmute <@user>`.

## Why an invitation is declined or a room is left

declined = { $reason }
decline-not-permitted = You may not share through this bot; please ask whoever runs this server.
decline-public = Others can join or read this room; please invite me into a private chat.
decline-too-many-people = I only join chats with you alone, or with you and one other person.
decline-special = This is not a room for chatting; please invite me into an ordinary private chat.
decline-encrypted = This chat is encrypted, and whoever runs this server has switched encryption off for me; please invite me into a chat without it.
decline-unseen = I could not see what kind of room this is; please invite me again later.
decline-one-is-enough = You already have a room with me, and one is enough; please go on there.
decline-alone = This is no longer a chat of two people, so I left; invite me again whenever you like.

## Things said unasked

cards-wait = { $everybody ->
        [true] As many posts as may go out in a day have gone out through this bot, for all people together.
       *[false] As many of your posts as may go out in a day have gone out.
    } The rest waits until { $until_at } and comes in one message for each contact. Nothing is lost.
contact-stopped = I no longer share with **{ $person }** (number { $number }). { $reason } To go on, invite me into a chat of just the two of you and me, and type `!share with here` there.
contact-agreed = **{ $person }** (number { $number }) has agreed and gets your new offers from now on.
contact-declined = **{ $person }** (number { $number }) does not want to get offers, so I post nothing there.
board-not-pinned = I may not pin the board in your chat with **{ $person }** (number { $number }). To have it stand at the top, give me the power to change pinned messages in that room's settings, or pin it yourself. It works without that too.
room-followed = Your chat with **{ $person }** was upgraded. I moved along, and sharing goes on in the new room.
room-broken = The homeserver does not let me post to **{ $person }** (number { $number }). Your offers wait until it does; `!share without { $number }` drops them.
room-encrypted = Your chat with **{ $person }** (number { $number }) is encrypted, and nothing can be posted there now: encryption is switched off by whoever runs this server, does not work at the moment, or nobody there has a device that may read it. Your offers wait until it works; `!share without { $number }` drops them.
account-needs-secret =
    I cannot read **{ $label }** (number { $number }) any more. { $problem }
    I have stopped trying. Type `!share secret { $number }` to give a new one; what happens meanwhile is not lost.
secret-expires = My access to **{ $label }** (number { $number }) ends { $expires_at }. Type `!share secret { $number }` to renew it.
account-ended = `{ $platform }` sends nothing more for **{ $label }**, so I removed it from your accounts.
account-failing =
    I cannot read **{ $label }** (number { $number }). { $problem }
    I keep trying. `!share list` shows how it stands, `!share remove { $number }` removes it.

## Encrypted chats

unreadable = I could not read your message, because its key has not reached me. Please send it again. If it stays so, in Element type `/discardsession` here and send it again.
device-not-trusted = I did nothing, because your message came from a session that you have not verified, so it might not be yours. Verify that session in your client's settings, then send the message again.
room-unreadable = I cannot read everything that is written in your encrypted chat with **{ $person }**, because keys have not reached me, and commands typed there may go unheard. If I do not answer one, type it again; if it stays so, in Element type `/discardsession` there and type it again.
bot-device-replaced = My device for encrypted chats was lost, and I have a new one. { $new_identity ->
        [true] My identity is new as well, so your client may warn you: please verify me again with `!share verify`.
       *[false] My identity is the same, so there is nothing for you to do.
    }

## Verification by emoji

verify-bot =
    This is my device for encrypted chats:
    • Device: `{ $device }`
    • Fingerprint: `{ $fingerprint }`

    A request for verification follows in this room. Accept it in your client and choose to compare emoji; I show you here what should stand there.
compare-emoji =
    { $own_device ->
        [true] Compare these emoji for your device at tradepost with those that your client shows, in this order:
       *[false] Compare these emoji for me with those that your client shows, in this order:
    }
    { $emoji }

    If they are the same, answer `yes` here and choose “They match” in your client. If not, answer `no` here and choose “They don't match” there.
compare-emoji-emoji = • { $symbol } { $emoji ->
        [0] Dog
        [1] Cat
        [2] Lion
        [3] Horse
        [4] Unicorn
        [5] Pig
        [6] Elephant
        [7] Rabbit
        [8] Panda
        [9] Rooster
        [10] Penguin
        [11] Turtle
        [12] Fish
        [13] Octopus
        [14] Butterfly
        [15] Flower
        [16] Tree
        [17] Cactus
        [18] Mushroom
        [19] Globe
        [20] Moon
        [21] Cloud
        [22] Fire
        [23] Banana
        [24] Apple
        [25] Strawberry
        [26] Corn
        [27] Pizza
        [28] Cake
        [29] Heart
        [30] Smiley
        [31] Robot
        [32] Hat
        [33] Glasses
        [34] Spanner
        [35] Santa
        [36] Thumbs Up
        [37] Umbrella
        [38] Hourglass
        [39] Clock
        [40] Gift
        [41] Light Bulb
        [42] Book
        [43] Pencil
        [44] Paperclip
        [45] Scissors
        [46] Lock
        [47] Key
        [48] Hammer
        [49] Telephone
        [50] Flag
        [51] Train
        [52] Bicycle
        [53] Aeroplane
        [54] Rocket
        [55] Trophy
        [56] Ball
        [57] Guitar
        [58] Trumpet
        [59] Bell
        [60] Anchor
        [61] Headphones
        [62] Folder
       *[63] Pin
    }
verified = { $own_device ->
        [true] Your device at tradepost is verified. Your contacts see its posts like those of your other sessions.
       *[false] You have verified me, and your client trusts my device.
    }
verification-ended = { $problem } `!share verify` starts it again.
verification-mismatch = The emoji were not the same, so nothing was verified. If you are sure of that, somebody may stand between us; please tell whoever runs this server.
verification-timed-out = That took too long, so nothing was verified.
verification-cancelled = The verification was cancelled, so nothing was verified.
verification-not-possible = Your client and I found no way of verifying that we both know, so nothing was verified; please try it with another client.
verification-no-cross-signing = Your account has no cross-signing yet, so nothing can be verified. Set it up in your client's settings, in Element under “Encryption”.

## Sharing in one's own name

own-name-asked =
    To share in your own name, I need you to allow this:
    • I post into your direct chats as you. Each post carries a short “shared by tradepost”.
    • I read your list of direct chats.
    • In the chats in which you share, and nowhere else, I read the commands and reactions that are meant for me.
    • I open a direct chat as you when you name somebody to share with.
    • I may be invited into a direct chat by your hand.
    • A device of yours is made at tradepost, which you can verify. Like your other sessions it is sent keys of your encrypted chats.
    • A post may make you look present, or clear an unread mark.

    `!share as bot` ends all this and deletes the device.
    Do you allow it? Answer `yes` or `no`.
own-name-on = I share in your own name from now on. `!share verify` verifies your device at tradepost for encrypted chats, `!share as bot` ends it.
own-name-off = I no longer do anything in your name, and your device at tradepost is deleted. `!share as me` begins anew.
own-name-not-allowed = You may not share in your own name here; please ask whoever runs this server. You can go on sharing through me.
own-name-not-set-up = Sharing in one's own name is not set up here; please ask whoever runs this server. You can go on sharing through me.
identity-changed = { $own ->
        [true] **{ $person }** (number { $number }) gets your offers in your own name from now on.
       *[false] **{ $person }** (number { $number }) gets your offers from me, the bot, from now on.
    }
verify-device =
    Please verify your device at tradepost, `{ $device }`, so that your contacts see no warning:
    • A request appears in your other sessions. Accept it there and choose “Start”.
    • Seven emoji appear, here and there. Compare them.
    • If they are the same, answer `yes` here and choose “They match” there.
    • If not, answer `no` here and choose “They don't match” there.
device-unverified = Your device at tradepost sends your offers into encrypted chats, and you have not verified it. Until you do, with `!share verify`, your contacts may see a warning or nothing at all.
device-gone = Your device at tradepost was removed, by you or by the server's login service, so nothing is sent in your name. `!share as me` makes a new one, `!share as bot` lets me share.
bot-invited = I was invited by your hand into your direct chat with **{ $person }**.
approaching = I am looking for your direct chat with **{ $person }**.
approached = { $opened ->
        [true] I opened a direct chat with **{ $person }** (number { $number }) as you, to share there.
       *[false] I found your direct chat with **{ $person }** (number { $number }), to share there.
    } `!share list` shows how it stands.
not-approached = I cannot share with **{ $person }** in your own name. { $problem }
approach-nobody = The homeserver knows nobody of that name; please check the spelling.
approach-other-server = That is somebody on another server, and I may open no chats with people there. Open one yourself and type it again.
approach-too-many = That would be more chats or contacts than you may have now. Try again tomorrow, or open the chat yourself; `!share remove <number>` makes room for contacts.
approach-declined = The chat that I opened before was declined or left, so I open no other. Open one yourself and type it again.
approach-refused = The homeserver refused it, or your chat is not one of just the two of you.
approach-blocked = Whoever runs this server lets nothing be shared with this person.

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
problem-leads-elsewhere = The shop moved to { $address }: please add it under that address.
problem-not-such-a-shop = No { $platform } shop answers at that address.
problem-no-such-account = Nobody has that name there; please check the spelling.
problem-secret-needed = It cannot be read without a secret.
problem-secret-malformed = The secret does not have the form it must have.
problem-secret-refused = The secret is not accepted: it is wrong, was withdrawn, or has expired.
problem-not-allowed = The secret is right, but does not allow me to read this. { $missing }
problem-app-refused = The platform does not accept how it is set up here; please tell whoever runs this server.
problem-malformed-answer = The platform answered something that I cannot read.
problem-refused = The platform refused it, with its error { $code }.
problem-page-without-product = That page does not say which one thing it sells.

## The commands; .more is for those that need further lines

topic-help = help
    .usage = !share help [command]
    .about = Shows all commands, or explains one.
    .example = !share help add
topic-panel = panel
    .usage = !share panel [here]
    .about = Shows boxes to tick: shops, contacts, categories. `!share` alone does too.
    .example = !share panel
    .more = `!share panel here`, in a direct chat, shows a short one that both of you can read.
topic-platforms = platforms
    .usage = !share platforms
    .about = Shows where you can add accounts.
    .example = !share platforms
topic-add = add
    .usage = !share add <platform> <account> [secret] [link template]
    .about = Adds a shop or feed; a link alone is enough.
    .example = !share add feed https://shop.example/feed.xml
topic-remove = remove
    .usage = !share remove <number>
    .about = Removes a shop, feed or contact.
    .example = !share remove 1
topic-secret = secret
    .usage = !share secret <number> [secret]
    .about = Gives a shop a new secret, by a link or typed.
    .example = !share secret 1
topic-confirm = confirm
    .usage = !share confirm <number> <code>
    .about = Confirms an account by the code that its platform showed you.
    .example = !share confirm 1 483920
topic-push = push
    .usage = !share push <number> [on|off|by hand]
    .about = Has a shop send new items by itself.
    .example = !share push 1
topic-interval = interval
    .usage = !share interval <number> <time>
    .about = Says how often I look at a shop or feed.
    .example = !share interval 1 30m
topic-list = list
    .usage = !share list
    .about = Shows your shops, feeds and contacts with their numbers.
    .example = !share list
topic-post = post
    .usage = !share post <link> [title | price]
    .about = Shares one item by hand: its page, and what it is and costs where the page does not say so.
    .example = !share post https://shop.example/p/7 Tea pot | 25 EUR
    .more =
        What you type comes before what the page says. The link alone is often enough, and so is one of the two:
        • `!share post https://shop.example/p/7`
        • `!share post https://shop.example/p/7 Tea pot`
        • `!share post https://shop.example/p/7 | 25,50 €` – or `EUR 25.50`, or `¥199` for yuan
        The same link again with another price tells of the new price.
topic-contacts = contacts
    .usage = !share contacts
    .about = Shows your direct chats that I know, and how they stand.
    .example = !share contacts
topic-with = with
    .usage = !share with here|<@user>|<number>|<name>
    .about = Shares your new items with somebody; type it with “here” in your direct chat.
    .example = !share with here
topic-without = without
    .usage = !share without here|<@user>|<number>|<name>
    .about = Stops sharing with somebody.
    .example = !share without 2
topic-as = as
    .usage = !share as me|bot [for <contact>]
    .about = Shares in your own name, or through me again; with all your contacts, or with one.
    .example = !share as me
    .more =
        I ask you before I act as you, and `!share as bot` ends it at any time. A contact is named by number, user id or name:
        • `!share as bot for 2` – with this contact through me
        • `!share as me for Mary` – with this one in your own name again
topic-verify = verify
    .usage = !share verify [bot|me]
    .about = Compares emoji with you, so that your client trusts me, or the device I have for you.
    .example = !share verify bot
topic-set = set
    .usage = !share set [for <contact>] [<setting> <value>]
    .about = Sets what is shared and how, for all contacts or for one; alone it shows what is set.
    .example = !share set for 2 categories electronics, food
    .more =
        A contact is named by number, user id or name. More examples:
        • `!share set for Mary categories all` – every category; `other` is what fits none
        • `!share set for 2 kinds listings, sales` – also what you sold; `purchases` for what you bought; the same for the shop, by its number
        • `!share set kinds listings, price changes, withdrawals` – also tells a new price, or that it is gone
        • `!share set output message, board` – or `popup`, which notifies, or `digest`; `status`, only for all, shows the newest offer beside your own name
        • `!share set digest daily 18:00` – one post a day; `off` ends it
        • `!share set quiet 22:00-08:00` – nothing in these hours, it comes later; `off` ends it
        • `!share set price < 500 EUR` – or `any`
        • `!share set timezone Europe/Berlin`
        • `!share set for 2 language en` – the language of the posts
        • `!share set for 2 accounts 1, 3` – or `all`
        • `!share set popup 10m` – withdraws popups after ten minutes; `off` leaves them
        • `!share set for 2 quiet default` – as for everybody again
topic-category = category
    .usage = !share category list|new <name> <criteria>|show <name>|edit <name> <criteria>|delete <name>|test <text or link>
    .about = Shows and makes categories, which decide who gets what.
    .example = !share category new food noodles, tea, 零食
    .more =
        A name of several words stands in quotation marks. Criteria stand with commas between them; one that fits is enough:
        • `noodles` or `"green tea"` – a word or phrase in the title; `-toy` – not with this word
        • `/gr(ä|ae)fe?n/` – a regular expression; it knows neither case nor width
        • `path:"Food > Tea"` – a category of the shop's own
        • `price < 100 EUR` – and only at this price
        • `!share category test green tea 100 g` – shows which categories that would fall in
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
topic-recent = recent
    .usage = !share recent
    .about = Shows your newest items, their numbers, and how many contacts they were meant for.
    .example = !share recent
topic-why = why
    .usage = !share why <number>
    .about = Explains for whom an item was meant, and which criterion decided.
    .example = !share why 12
topic-undo = undo
    .usage = !share undo [number]
    .about = Withdraws an item in every chat: the newest, or the one with this number.
    .example = !share undo 12
    .more = Reacting ❌ to a post of yours does the same.
topic-yes = yes
    .usage = !share yes
    .about = Says yes to what I asked you.
    .example = !share yes
topic-no = no
    .usage = !share no
    .about = Says no to it.
    .example = !share no
topic-cancel = cancel
    .usage = !share cancel
    .about = Leaves a question unanswered.
    .example = !share cancel
topic-mute = mute
    .usage = !share mute [@user|everyone] [30d]
    .about = Stops the offers you get, in this chat or from this person, for good or for a while.
    .example = !share mute 30d
    .more = In your own room with me: `!share mute @joy:example.org 30d`. `!share mute everyone` stops the offers of everybody, also of those who share with you only later.
topic-unmute = unmute
    .usage = !share unmute [@user|everyone]
    .about = Brings them back.
    .example = !share unmute
    .more = In your own room with me: `!share unmute @joy:example.org`
topic-only = only
    .usage = !share only <categories>|all
    .about = Lets only some categories through to you in this chat.
    .example = !share only electronics, home-goods
topic-muted = muted
    .usage = !share muted
    .about = Shows whose offers you have muted.
    .example = !share muted
topic-privacy = privacy
    .usage = !share privacy
    .about = Shows what I keep about you.
    .example = !share privacy
topic-export = export
    .usage = !share export
    .about = Gives you a file of what I keep about your sharing.
    .example = !share export
topic-forget = forget
    .usage = !share forget me
    .about = Erases what I keep about you; I ask before.
    .example = !share forget me
topic-language = language
    .usage = !share language en|zh
    .about = Changes the language I speak with you.
    .example = !share language zh
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
in-own-name = shared by tradepost
by-hand = By hand
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

## Pages

page-secret-heading = Your secret for { $platform }
page-secret-about = { $account_given ->
        [true] tradepost needs it to read { $account }. What you type here goes to tradepost only, which keeps it encrypted; it never stands in a chat.
       *[false] tradepost needs it to read what you share. What you type here goes to tradepost only, which keeps it encrypted; it never stands in a chat.
    }
page-secret-token = Token
page-secret-key = Key
page-secret-of-key = Secret
page-secret-user = User name
page-secret-password = Password
page-secret-send = Save
page-secret-hint = Did you not ask tradepost for this page? Then close it and type nothing.
page-show-heading = What { $platform } needs
page-show-about = { $account_given ->
        [true] The address and the secret for the webhooks of { $account }. They are shown once.
       *[false] The address and the secret for the webhooks. They are shown once.
    }
page-show-send = Show them
page-show-hint = Are the settings of the shop open already? You need them next. If you have lost what is shown here, type `!share push … by hand` once more.
page-shown-heading = For your webhooks
page-shown-about = Copy both into the webhook settings of { $account }. A tap marks all of a field.
page-shown-address = Address
page-shown-secret = Secret
page-shown-hint = This page shows them only now. If you have lost them, type `!share push … by hand` once more: then there are new ones.
page-done-heading = Done
page-done-about = You can go back to your chat. How it stands, tradepost tells you there. This was done for
page-gone-heading = This link is not good any more
page-gone-about = It works once, and for a short time. If you have just used it, go back to your chat and see there how it stands. Otherwise ask for a new one there.
page-refused-heading = That did not work
page-refused-about = Go back to your chat, and try again from there.
page-later-heading = Not at the moment
page-later-about = Please try again in a minute.
