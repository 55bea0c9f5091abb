### tradepost 说的话，简体中文。
###
### 消息名即通知名（src/domain/notice.rs），参数即通知的字段。写法见 locales/en/tradepost.ftl 的说明：
### `…` 是要输入的内容，**…** 是粗体，以 • 开头的行是列表，空行另起一段。

## 问候

greeting =
    你好，我是 tradepost。我会把你的店铺和订阅源里的新商品发到你选定的私聊里。

    第一步，在这里输入 `!分享 添加 feed https://…`，填上店铺或订阅源的网址。
    第二步，把我邀请到你和朋友的私聊里，在那里输入 `!分享 分享给 这里`。

    输入 `!分享` 会显示可以勾选的面板：分享什么，分享给谁。输入 `!分享 帮助` 查看全部命令。For English, type `!share language en`.
helper-greeting = 你好！{ $sharer }，输入 `!分享 分享给 这里`，就会把你的新商品分享给这个私聊里的另一位；在那之前我什么都不发。
guest-greeting =
    你好，我是 tradepost。别人通过我分享的商品会发到你们的私聊里；在这里你可以说明想收到什么。

    • `!分享 静音 @joy:example.org` – 不再接收此人在任何聊天里的分享；输入 `!分享 取消静音 @joy:example.org` 恢复
    • `!分享 已静音` – 查看你静音了谁
    • `!分享 隐私` – 查看我保存了你的哪些信息；`!分享 忘记 我` 将其删除

    想分享自己的商品需要许可，请联系本服务器的管理员。For English, type `!share language en`.
introduction = { $sharer } 通过 tradepost 在这里与你分享新商品。对任意一条回应 🔕 或输入 `!分享 静音` 停止接收，输入 `!分享 只要 <类别>` 缩小范围。
consent-asked =
    { $sharer } 想通过 tradepost 在这里与你分享新商品。你同意之前，我什么都不发。
    请输入 `!分享 是` 或 `!分享 否`，或者对这条消息回应 ✅ 或 ❌。
own-introduction = 我通过 tradepost 在这里与你分享新商品。对任意一条回应 🔕 或输入 `!分享 静音` 停止接收，输入 `!分享 只要 <类别>` 缩小范围。
moved-to-direct-room = 分享会在你们两人的私聊中继续。
retired = 本服务器已停止商品分享服务，这里不会再发布任何内容。
own-consent-asked =
    我想通过 tradepost 在这里与你分享新商品。你同意之前，什么都不会发。
    请输入 `!分享 是` 或 `!分享 否`，或者对这条消息回应 ✅ 或 ❌。

## 回答

help =
    我能听懂下面这些命令。`<…>` 必填，`[…]` 可省略。在你和我单独的房间里可以不写 `!分享`。

    { $sections }

    输入 `!分享 帮助 <命令>` 查看某个命令的说明和例子。
help-section-shops = **你的店铺和订阅源**
    { $topics }
help-section-sharing = **分享给谁**
    { $topics }
help-section-what = **分享什么**
    { $topics }
help-section-receiving = **别人分享给你时**（在你们的私聊里输入，或在你和我单独的房间里加上对方的用户 ID）
    { $topics }
help-section-answers = **回答我的提问**
    { $topics }
help-section-general = **其他**
    { $topics }
help-topics = • `{ $topic_usage }` – { $topic_about }
help-topic =
    `{ $topic_usage }`
    { $topic_about }
    例如：`{ $topic_example }`
    { $topic_more ->
        [none] {""}
       *[other] { $topic_more }
    }
help-in-direct-room =
    想分享给这里的另一位：`!分享 分享给 这里`、`!分享 不分享给 这里`、`!分享 暂停`、`!分享 继续`，或者输入 `!分享` 打开勾选面板；其他命令请在你和我单独的房间里输入。
    有人在这里分享给你：`!分享 静音`、`!分享 取消静音`、`!分享 只要 <类别>`、`!分享 状态`，或者对某条分享回应 🔕。

platforms =
    可以添加这些平台的账号：
    { $platforms }

    输入 `!分享 添加 <平台> <账号>`，或者直接输入 `!分享 添加 <链接>`。
platforms-platforms = • `{ $platform }` – { $platform ->
        [feed] 任何提供 RSS、Atom 或 JSON 订阅源的店铺、博客或集市
       *[other] { $name }
    }：{ $kinds }。{ $needs ->
        [name-or-secret] 只需名称或地址；有密钥可以分享更多
        [secret] 需要密钥
        [nothing] 你在这里的账号就是那里的账号：`!分享 添加 { $platform }`
        [set-up] 本服务器尚未设置，请联系管理员
       *[name] 只需名称或地址
    }
platforms-platforms-kinds-none = 无
platforms-platforms-none = • 目前没有，请联系本服务器的管理员

card-line = **{ $title }**{ $price ->
        [none] {""}
       *[other] {" "}– { $price }
    } – { $shop }{ $link ->
        [none] {""}
       *[other] {" "}– { $link }
    }

account-added =
    已添加 **{ $label }**，编号 { $number }。{ $items ->
        [0] 目前还没有商品
       *[other] 现有的 { $items } 件商品视为已知
    }；我每 { $interval_seconds }查看一次，只发新的。
    { $sample }
    { $without_contacts ->
        [true] 现在还没有人会收到。请把我邀请到你和朋友的私聊里，在那里输入 `!分享 分享给 这里`。
       *[false] {""}
    }
    { $more_with_secret ->
        [true] 有密钥的话还可以分享你卖出的东西：`!分享 密钥 { $number }`
       *[false] {""}
    }
    { $could_push ->
        [true] 也可以让店铺一有新商品就通知我，不必等我查看：`!分享 推送 { $number }`
       *[false] {""}
    }
    { $only_polled ->
        [true] 本服务器没有公开地址，店铺无法主动通知我，所以我每 { $interval_seconds }查看一次。
       *[false] {""}
    }
account-added-sample = 发出来是这个样子：{ card-line }
secret-asked =
    我需要 **{ $name }** 的密钥（{ $renews ->
        [true] 编号 { $account }
       *[false] `{ $account }`
    }）。
    { $consent ->
        [none] {""}
       *[other] 最好直接在平台上授权。请在一小时内打开：{ $consent }
    }
    { $page ->
        [none] {""}
       *[other] 或者在这个页面里填写密钥，只能用一次，一小时内有效：{ $page }
    }
    { $renews ->
        [true] 或者在这里输入 `!分享 密钥 { $account } <密钥>`，我会马上撤回那条消息。
       *[false] 或者在这里输入 `!分享 添加 { $platform } { $account } <密钥>`，我会马上撤回那条消息。
    }
secret-taken = **{ $label }**（编号 { $number }）的新密钥可以使用。
confirm-asked =
    { $platform } 的 **{ $label }** 编号是 { $number }。请先在平台上确认它是你的，之后才会生效。
    { $page ->
        [none] 平台会给你一个代码：请输入 `!分享 确认 { $number } <代码>`
       *[other] 请打开 { $page }
    }
account-confirmed = **{ $label }**（编号 { $number }）已确认。从现在起我会发布新内容。
interval-changed = 现在我每 { $interval_seconds }查看一次 **{ $label }**。
push-on = **{ $label }** 现在会主动推送新商品。我仍然每 { $interval_seconds }查看一次，以免遗漏。
push-off = **{ $label }** 不再主动推送。我每 { $interval_seconds }查看一次。
push-asked =
    要让 **{ $label }** 主动推送，我需要在店铺里设置推送的权限。
    { $consent ->
        [none] 请输入 `!分享 密钥 { $number }`，给我一个有写入权限的密钥。
       *[other] 请在一小时内打开这里授权：{ $consent }
    }
    { $by_hand ->
        [true] 也可以不给权限，自己设置：`!分享 推送 { $number } 手动`
       *[false] {""}
    }
secret-stays =
    { $is_direct ->
        [true] 你在私聊里输入了密钥，而我无权删除那条消息。对方能看到它，你们双方的服务器上也有。请你自己删除它。
       *[false] 我无权删除你含有密钥的那条消息。请你自己删除它：它还在聊天里，也在所有成员的服务器上。
    }
    然后请在店铺作废{ $label ->
        [none] 这个密钥并换一个新的。不要在聊天里输入它：输入不带密钥的 `!分享 添加 …`，我会给你一个链接。
       *[other] {" "}**{ $label }** 的这个密钥并换一个新的。{ $page ->
            [none] 输入 `!分享 密钥 { $number }`，我会告诉你怎么提供。
           *[other] 请在这里提供新密钥，链接只能用一次，一小时内有效：{ $page }
        }
    }
push-by-hand =
    请在 **{ $label }** 的设置里，为下列每一项建立一个 webhook：
    { $topics }

    地址和密钥在这个网页上显示，只能查看一次，一小时内有效，这样它们就不会留在聊天里：{ $page }
push-by-hand-topics = • `{ $person }`
account-known = 你已经添加过 **{ $label }**，编号是 { $number }。输入 `!分享 列表` 查看全部。
account-removed = 已移除 **{ $label }**，不会再发它的商品。

list =
    { $paused ->
        [true] 目前全部暂停。输入 `!分享 继续` 恢复。
       *[false] {""}
    }

    你的店铺和订阅源：
    { $accounts }

    你的联系人：
    { $contacts }
list-accounts = • { $number }：**{ $label }**{ $platform ->
        [post] （`!分享 发布`）
       *[other] （{ $platform }，{ $name }）
    }– { $state ->
        [active] 正常
        [paused] 已暂停
        [needs-secret] 需要新密钥：`!分享 密钥 { $number }`
        [unconfirmed] 等待中：请在平台上确认
       *[failing] 连续失败 { $failures } 次
    }{ $answered_at ->
        [none] {""}
       *[other] ，上次读取于 { $answered_at }
    }{ $pushes ->
        [true] ，由平台主动推送
       *[false] {""}
    }{ $problem ->
        [none] {""}
       *[other] 。{ $problem }
    }
list-accounts-none = • 还没有。请输入 `!分享 添加 feed https://…`
list-contacts = • { $number }：**{ $person }**（{ $user }）– { $state ->
        [on] 会收到你的分享
        [paused] 已暂停，输入 `!分享 继续 { $number }` 恢复
        [off] 已关闭，输入 `!分享 分享给 { $number }` 开启
        [stopped] 已停止。{ $reason }在你们的私聊里输入 `!分享 分享给 这里` 重新开始
        [muted] 对方已静音{ $until_at ->
            [none] {""}
           *[other] ，直到 { $until_at }
        }
        [asked] 已询问对方，还没有回答
        [declined] 对方不想接收
        [encrypted] 等待中：私聊已加密，而这里关闭了加密功能，或者加密暂时无法使用，或者那里没有人有可以读取的设备
       *[broken] 等待中：服务器不让我在那里发消息
    }{ $speaker ->
        [sharer] （以你的名义）
        [unverified] （以你的名义；这个私聊已加密，而你还没有验证我为你设的设备：输入 `!分享 验证`）
        [gone] （以你的名义；我为你设的设备已被移除，所以不再以你的名义发送：输入 `!分享 身份 我` 重新建立）
       *[bot] {""}
    }
list-contacts-none = • 还没有。请把我邀请到你和朋友的私聊里，在那里输入 `!分享 分享给 这里`

status =
    { $paused ->
        [true] 目前全部暂停。输入 `!分享 继续` 恢复。
       *[false] 分享已开启。
    }
    • 店铺和订阅源：{ $accounts } 个{ $failing ->
        [0] {""}
       *[other] ，其中 { $failing } 个出错（输入 `!分享 列表` 查看原因）
    }
    • 联系人：{ $contacts } 位{ $muted ->
        [0] {""}
       *[other] ，其中 { $muted } 位已静音
    }{ $speaker ->
        [sharer] 。你以自己的名义分享
        [unverified] 。你以自己的名义分享，但还没有验证我为你设的设备：输入 `!分享 验证`
        [gone] 。我为你设的设备已被移除，所以不再以你的名义发送：输入 `!分享 身份 我` 重新建立
       *[bot] {""}
    }
    • 等待发送：{ $waiting } 条
    • 最近一次发送：{ $posted_at ->
        [none] 还没有
       *[other] { $posted_at }
    }

preview =
    你最新的商品：
    { $cards }

    这次没有发送任何内容。
preview-cards = • { card-line } → { $values_count ->
        [0] 不分享给任何人
       *[other] 分享给 { $values }
    }
preview-cards-none = • 还没有。输入 `!分享 列表` 查看店铺和订阅源，输入 `!分享 添加 feed https://…` 添加

sharing-with = { $declined ->
        [true] **{ $person }**（编号 { $number }）不想接收你的分享。对方在你们的私聊里输入 `!分享 是` 之前，什么都不会发送。
       *[false] { $asked ->
            [true] 我已询问 **{ $person }**（编号 { $number }）是否愿意接收你的分享。对方同意之前什么都不会发送。
           *[false] 从现在起，**{ $person }**（编号 { $number }）会收到你的新商品。
        }
    }{ $without_accounts ->
        [true] 你还没有店铺或订阅源，请输入 `!分享 添加 feed https://…` 添加一个。
       *[false] {""}
    }
not-sharing-with = **{ $person }** 不会再收到你的分享。
all-paused = 已全部暂停。输入 `!分享 继续` 恢复。
all-resumed = 分享已恢复。暂停期间出现的商品不会补发。
one-paused = **{ $label }** 已暂停。输入 `!分享 继续` 加上它的编号即可恢复。
one-resumed = **{ $label }** 已恢复。暂停期间出现的商品不会补发。
looking-now = 正在查看你的 { $accounts } 个店铺，有新商品马上发出。
version = 这里是 tradepost { $version }。
language-changed = 从现在起我用中文和你交流。
muted = 你不会再在这里收到 { $sharer } 的分享{ $until_at ->
        [none] {""}
       *[other] ，直到 { $until_at }
    }。输入 `!分享 取消静音` 恢复。
unmuted = 你会重新在这里收到 { $sharer } 的分享。输入 `!分享 静音` 停止接收，输入 `!分享 只要 <类别>` 缩小范围。
everyone-muted = 现在和以后，任何人分享的内容都不会再发给你{ $until_at ->
        [none] {""}
       *[other] ，直到 { $until_at }
    }。输入 `!分享 取消静音 所有人` 可以恢复。
everyone-unmuted = 你会重新收到分享，被你单独静音的人除外：输入 `!分享 已静音` 查看。
everyone-is-muted = 你已静音所有人，不能只恢复其中一个。请先输入 `!分享 取消静音 所有人`。
contact-status = { $asked ->
        [true] { $sharer } 想在这里与你分享新商品，正在等你回答：请输入 `!分享 是` 或 `!分享 否`。
       *[false] { $muted ->
            [true] 你已将 { $sharer } 在这里的分享静音{ $until_at ->
                [none] {""}
               *[other] ，直到 { $until_at }
            }。输入 `!分享 取消静音` 恢复。
           *[false] { $sharer } 在这里与你分享新商品。输入 `!分享 静音` 或对某条分享回应 🔕 停止接收。
        }
    }{ $only_count ->
        [0] {""}
       *[other] 你只接收：{ $only }；输入 `!分享 只要 全部` 恢复其余的。
    }
only-these = { $categories_count ->
        [0] 你会收到 { $sharer } 在这里分享的全部商品。输入 `!分享 只要 <类别>` 缩小范围。
       *[other] 现在你只接收 { $sharer } 的：{ $categories }。输入 `!分享 只要 全部` 恢复其余的。
    }
agreed = 谢谢。从现在起，{ $sharer } 的新商品会发到这里；输入 `!分享 静音` 或对某条分享回应 🔕 停止接收。
declines = { $sharer } 的商品不会发到这里。如果改变主意，请输入 `!分享 是`。

## 面板

panel =
    { $person_given ->
        [true] **{ $person } 会收到什么**
       *[false] **分享什么，分享给谁**
    }{ $pages ->
        [1] {""}
       *[other] （第 { $page } 页，共 { $pages } 页）
    }

    { $sections }

    回应数字即可勾选或取消{ $pages ->
        [1] {""}
       *[other] ；◀ ▶ 翻页
    }。
panel-sections = **{ $section }**
    { $rows }
panel-sections-none = 还没有可以勾选的内容。
panel-sections-rows = { $key } { $on ->
        [true] ☑
       *[false] ☐
    } { $name }
panel-sections-rows-none = 还没有
panel-part-platforms = 店铺和订阅源
panel-part-contacts = 联系人
panel-part-categories = 类别
panel-part-kinds = 可以分享的内容
panel-part-outputs = 显示方式
panel-name-account = { $label }（{ $platform }）
panel-name-platform = { $platform }{ $asks ->
        [true] {" "}– 回应即可添加账号
       *[false] {""}
    }
panel-name-contact = { $person }{ $muted ->
        [true] {" "}– 对方已静音
       *[false] {""}
    }{ $own ->
        [true] （以你的名义）
       *[false] {""}
    }
panel-name-category = { $category }
panel-name-kind = { $kind } – { $kind_about }
panel-name-output = { $output } – { $output_about }
panel-here = **{ $sharer } 在这里分享什么**
    { $rows }

    { $sharer } 回应数字即可勾选或取消；其他人的回应不算。
panel-here-rows = { panel-sections-rows }
panel-here-rows-none = 还没有
panel-stale = 这个面板已经过时，所以没有改动。输入 `!分享` 打开新的。
panel-opened = 你的面板在这里：{ $link }
account-asked = 要添加 **{ $platform }** 的哪个账号？请在下一条消息里输入账号名或链接，或者输入 `取消`。
cancelled = 已取消，什么都没有改动。

category-other = 其他
kinds-listing = 上新
    .about = 新的商品
kinds-sale = 售出
    .about = 你卖出的
kinds-purchase = 购买
    .about = 你买到的
kinds-price-change = 改价
    .about = 新的价格
kinds-withdrawn = 下架
    .about = 不再出售的
output-message = 消息
    .about = 每件商品一条消息
output-popup = 弹窗
    .about = 一条会发出提醒的消息
output-board = 看板
    .about = 一条消息列出目前全部商品
output-digest = 汇总
    .about = 每天一条消息
output-status = 状态
    .about = 在你自己的状态里显示最新的商品，与你同在一个聊天室的人都看得到
comma = 、

## 联系人及其设置

contacts =
    我知道的私聊：
    { $contacts }

    输入 `!分享 分享给 <编号>` 分享给某人，输入 `!分享 设置 给 <编号> …` 设定分享的内容。
contacts-contacts = { list-contacts }
contacts-contacts-none = { list-contacts-none }
settings =
    { $person_given ->
        [true] **{ $person }** 的设置：
       *[false] 适用于所有联系人的设置（为某人另外设定的除外）：
    }
    { $settings }

    输入 `!分享 设置 <设置> <内容>` 为所有人更改，输入 `!分享 设置 给 <联系人> <设置> <内容>` 只为一人更改。输入 `!分享 帮助 设置` 查看写法。
settings-settings = • { $setting }{ $own ->
        [true] {""}
       *[false] （默认）
    }
settings-settings-none = • 还没有
setting-changed =
    { $person_given ->
        [true] **{ $person }** 现在的设置：
       *[false] 所有联系人现在的设置（为某人另外设定的除外）：
    }
    { $settings }
setting-changed-settings = { settings-settings }
setting-changed-settings-none = { settings-settings-none }
setting-accounts = `账号`：{ $all ->
        [true] 全部
       *[false] { $values }
    }
setting-accounts-values-none = 无
setting-categories = `类别`：{ $all ->
        [true] 全部
       *[false] { $categories }
    }
setting-categories-categories-none = 无
setting-kinds = `种类`：{ $kinds }
setting-kinds-kinds-none = 无
setting-outputs = `方式`：{ $outputs }
setting-digest = `汇总`：每天 { $time }
setting-quiet = `免打扰`：{ $hours_given ->
        [true] { $hours }
       *[false] 关闭
    }
setting-price = `价格`：{ $range_given ->
        [true] { $range }
       *[false] 不限
    }
setting-time-zone = `时区`：{ $zone }
setting-language = `语言`：{ $chosen ->
        [en] English
        [zh-CN] 中文
       *[none] 联系人自己的语言
    }
setting-popup = `弹窗`：{ $popup_seconds_given ->
        [true] { $popup_seconds }后撤回
       *[false] 不撤回
    }
orders-asked =
    { $account ->
        [true] 也要分享你自己在 **{ $label }** 的交易（{ $kinds }）吗？只有你另外为某位联系人开启后，对方才会收到。
       *[false] 也要让 **{ $label }** 看到你自己的交易（{ $kinds }）吗？
    }
    会显示：商品、价格、链接，以及是你买的或卖的。绝不显示：买家是谁、订单号、确切时间。
    请输入 `!分享 是` 或 `!分享 否`。
account-kinds = **{ $label }** 现在分享：{ $kinds }。
account-kinds-kinds-none = 无
withdraw-asked =
    你和 **{ $person }** 的私聊里还有你的 { $cards } 条分享，要一并撤回吗？
    请输入 `!分享 是` 或 `!分享 否`。
withdrawn-all = 正在撤回 { $cards } 条消息。
left-as-it-is = 好的，保持原样。

## 类别

categories =
    内置的：
    { $built_in }

    你自己的：
    { $own }

    哪个类别都不符合的，归为“{ category-other }”（`other`）。输入 `!分享 设置 类别 <类别>、<类别>` 选择，输入 `!分享 类别 新建 <名称> <条件>` 新建一个。
categories-built-in = • **{ $name }**（`{ $name_id }`）– { $on ->
        [true] 分享
       *[false] 不分享
    }
categories-built-in-none = • 无
categories-own = • **{ $name }**：`{ $criteria }` – { $on ->
        [true] 分享
       *[false] 不分享
    }
categories-own-none = • 还没有。例如：`!分享 类别 新建 食品 面条、茶`
category-shown = { $built_in ->
        [true] **{ $category }**（`{ $category_id }`）是内置的，不能修改；可以用 `!分享 类别 新建 <名称> <条件>` 建一个自己的。
       *[false] **{ $category }**：`{ $criteria }`。输入 `!分享 类别 修改 "{ $category_id }" <条件>` 修改它。
    }
category-saved = { $changed ->
        [true] 已修改 **{ $name }**：
       *[false] 已新建 **{ $name }**：
    }`{ $criteria }`。输入 `!分享 类别 测试 <文字>` 试一试，输入 `!分享 设置 类别 …` 选择谁收到什么。
category-deleted = 已删除 **{ $name }**。
category-tested = { $tested }
category-tested-tested = **{ $title }**
    { $categories }
category-tested-tested-categories = • { $name } – { $because }
category-tested-tested-categories-none = • 不符合任何类别，归为“{ category-other }”（`other`）
category-tested-tested-none = 那里没有可以测试的内容。
because-taxonomy = 店铺标注的 Google 类别是“{ $text }”
because-path = 店铺自己的类别“{ $path }”里有“{ $found }”
because-title = 标题里有“{ $found }”
because-pattern = 标题符合 `{ $pattern }`
because-price = 价格符合

## 分享过的

recent =
    你最新的商品，以及发给了几位联系人：
    { $trades }

    输入 `!分享 为什么 <编号>` 查看原因，输入 `!分享 撤回 <编号>` 撤回其中一件。
recent-trades = • { $number }：**{ $title }** – { $undone ->
        [true] 已撤回
       *[false] { $contacts ->
            [0] 没有人
           *[other] { $contacts } 位联系人
        }
    }
recent-trades-none = • 还没有
why = **{ $title }**（编号 { $number }）{ $undone ->
        [true] – 你已撤回
       *[false] {""}
    }

    它的类别：
    { $categories }

    是否发给联系人：
    { $contacts }
why-categories = { category-tested-tested-categories }
why-categories-none = { category-tested-tested-categories-none }
why-contacts = • **{ $person }**：{ $reason ->
        [none] 是
       *[other] 否，{ $reason }
    }
why-contacts-none = • 没有人，当时你还没有联系人
unmeant-all-paused = 当时全部暂停
unmeant-account-paused = 这个店铺当时已暂停或刚刚添加
unmeant-account-kind = 这个店铺的此类交易不分享
unmeant-contact-off = 这位联系人当时已关闭或暂停
unmeant-blocked = 本服务器的管理员不允许向这位联系人分享
unmeant-not-agreed = 这位联系人还没有同意
unmeant-muted = 这位联系人已静音
unmeant-account = 这位联系人不接收这个店铺
unmeant-kind = 这位联系人不接收此类交易
unmeant-category = 这位联系人接收的是其他类别
unmeant-own-choice = 这位联系人自己选了其他类别
unmeant-price = 价格未知，或不在你设定的范围内
unmeant-known = 以前已经在那里发过
undone = **{ $title }**（编号 { $number }）{ $rooms ->
        [0] 还没有发到任何地方，以后也不会发。
       *[other] 正在从 { $rooms } 个私聊里撤回，不会再发。
    }
purchase-held =
    你买了：{ card-line }
    { $hold_seconds }后会发给：
    { $contacts }

    如果不想发，请对这条消息回应 ❌，或输入 `!分享 撤回 { $number }`。
purchase-held-contacts = • { $person }
purchase-held-contacts-none = • 没有人

posted =
    正在分享：{ card-line }
    分享给：{ $contacts }
    { $beside_name ->
        [true] 也会显示在你自己的状态里。
       *[false] {""}
    }
    { $problem ->
        [none] {""}
       *[other] 我读不到这个网页，所以只用了你输入的内容。{ $problem }
    }
    输入 `!分享 撤回` 即可撤回。
posted-contacts-none = 没有人
posted-before = { $number ->
        [none] 你以前分享过 **{ $title }**。
       *[other] 你以前分享过 **{ $title }**，编号 { $number }。
    }{ $changed ->
        [true] 现在价格或是否有货变了，正在修改聊天里的内容。
       *[false] 内容没有变化{ $contacts_count ->
            [0] ，没有新的人会收到。价格变了就算改价：`!分享 发布 <链接> | 20 EUR`
           *[other] ，所以只发给还没有收到的人。
        }
    }
    { $contacts_count ->
        [0] {""}
       *[other] 分享给：{ $contacts }
    }
    { $problem ->
        [none] {""}
       *[other] 我读不到这个网页，所以只用了你输入的内容。{ $problem }
    }
posted-to-nobody =
    没有人会收到，所以没有分享：{ card-line }
    它的类别：{ $categories }
    { $contacts }

    输入 `!分享 设置` 查看现有设置，输入 `!分享 分享给 <编号>` 分享给某人，然后再输入一次。
posted-to-nobody-contacts = { why-contacts }
posted-to-nobody-contacts-none = • 你还没有分享给任何人。请把我邀请到你和朋友的私聊里，在那里输入 `!分享 分享给 这里`；输入 `!分享 联系人` 查看我知道的私聊
posted-to-nobody-categories-none = { category-other }（`other`）
post-paused = 没有分享，因为{ $everything ->
        [true] 目前全部暂停。输入 `!分享 继续` 恢复
       *[false] 手动发布已暂停。输入 `!分享 继续 { $number }` 恢复
    }，然后再输入一次。

## 接收分享的人在任何地方都可以说的

sharer-muted = 你不会再在任何聊天里收到 `{ $user }` 的分享{ $until_at ->
        [none] {""}
       *[other] ，直到 { $until_at }
    }。输入 `!分享 取消静音 { $user }` 恢复。
sharer-unmuted = 你会重新收到 `{ $user }` 的分享。输入 `!分享 静音 { $user }` 停止接收。
muted-sharers =
    你静音了：
    { $sharers }
muted-sharers-sharers = • { $user }{ $until_at ->
        [none] {""}
       *[other] ，直到 { $until_at }
    } – 输入 `!分享 取消静音 { $user }` 恢复
muted-sharers-sharers-none = • 没有人。输入 `!分享 静音 @joy:example.org` 静音某人
privacy =
    我保存的关于 { $user } 的信息：
    • 你的用户 ID，以及你在有我的房间里显示的名字（{ $rooms } 个房间）
    • 你的语言：{ $language ->
        [true] 你选定的那种
       *[false] 没有，你还没有选择
    }
    • 你添加的店铺和订阅源：{ $accounts } 个
    • 你分享的联系人：{ $contacts } 位，以及为他们做的设置、你自己的类别、哪件商品发给了谁
    • 你想收到什么：静音了谁、选了哪些类别、是否同意接收
    • 你对我发的消息做出的、对我有意义的回应表情

    谁把你作为联系人：
    { $sharers }

    你静音了谁：
    { $muted }

    命令只保存到执行完为止；我记得自己发过什么、发到了哪里。人们彼此说的话我从不保存：在有其他人的聊天里，不以 `!share` 或 `!分享` 开头的，一收到就丢弃。

    输入 `!分享 忘记 我` 可将其删除。
privacy-sharers = • { $user }，称你为“{ $name }” – { $on ->
        [true] 会把商品分享给你
       *[false] 目前不分享给你
    }
privacy-sharers-none = • 没有人
privacy-muted = • { $user }{ $until_at ->
        [none] {""}
       *[other] ，直到 { $until_at }
    }
privacy-muted-none = • 没有人
forget-asked =
    我将永久删除我保存的关于你的信息：
    • 你的店铺和订阅源（{ $accounts } 个）及其密钥；会主动发送的店铺将被通知停止
    • 你的联系人（{ $contacts } 位）、设置和类别，关于你商品的决定，以及等待发布的内容
    • 我记得的为你和向你发布过的内容、你对它们的回应、你的语言{ $own_name ->
        [true] ，以及以你的名义分享的许可；你在 tradepost 的设备会被删除
       *[false] {""}
    }
    • 你作为其他人（{ $sharers } 位）的联系人；他们会得到通知

    这些会保留：你静音、拒绝或限定过的内容，这样没有人会重新发送你不想要的；以及你与我同在哪些房间，直到你离开。没有被你静音的人可以重新开始与你分享：事先输入 `!分享 静音 @joy:example.org` 可以避免。{ $own_cards ->
        [0] {""}
       *[other] 以你自己名义发布的 { $own_cards } 条消息也会保留：你可以自己删除。
    }

    要删除吗？请回答 `是` 或 `否`。{ $cards ->
        [0] {""}
       *[other] 回答后还不会立即删除：接下来我会问如何处理仍在聊天里的 { $cards } 条分享。
    }
exported = 上面的 { $files } 个文件包含我保存的关于你分享的信息：设置、店铺（不含密钥）、联系人、类别、意愿、关于你商品的决定，以及我发布过的内容。{ $left_out ->
        [0] {""}
       *[other] 另有 { $left_out } 条较早的记录未能放入。
    }
file-not-taken = 服务器没有接受这个文件：可能不允许我上传，或者文件太大。请联系服务器的管理员。
forget-posted-asked =
    聊天里还有你的 { $cards } 条分享。删除所有信息之前，要一并撤回它们吗？
    • `是` – 撤回它们，并删除所有信息
    • `否` – 保留它们，并删除所有信息
    • `取消` – 什么都不删除
forgotten = 已完成：我保存的关于你的信息已删除。{ $cards ->
        [0] {""}
       *[other] 正在撤回 { $cards } 条消息。
    }你现在可以离开这个房间；如果你在这里再输入什么，我会重新开始。
contact-forgotten = **{ $person }**（编号 { $number }）让我删除了关于自己的信息。你的商品不再分享给对方。

## 拒绝：哪里不对，接下来输入什么

unknown-command = 没有 `{ $typed }` 这个命令。{ $nearest ->
        [none] 输入 `!分享 帮助` 查看全部命令。
       *[other] 你是想输入 `{ $nearest_usage }` 吗？
    }
wrong-usage =
    我没太明白。应该这样写：`{ $topic_usage }`
    例如：`{ $topic_example }`
not-permitted = { $user } 不能通过本机器人分享。请联系本服务器的管理员开通，然后输入 `!分享 帮助`。
sharing-disabled = 本服务器的管理员暂时停止了你的分享，你的内容不会再发出；请向管理员询问原因。
too-many-today = 你今天已经开始和 { $limit } 个人分享，达到每天新增联系人的上限。请明天再继续。
too-many-in-all = 本服务器上的联系人总数已达上限，所以没有开始分享。请联系管理员提高上限。
contact-blocked = 本服务器的管理员不允许向这个人分享任何内容。
ask-alone = 你在另一台服务器上，我不能主动和你打开聊天。请邀请我到只有你我两方的聊天，然后在那里问我。
unknown-platform =
    没有 `{ $typed }` 这个平台。可用的平台有：
    { $platforms }

    输入 `!分享 添加 <平台> <账号>`，或者直接输入 `!分享 添加 <链接>`。
unknown-platform-platforms = • `{ $platform }`
secret-not-taken = `{ $platform }` 不需要密钥，所以没有添加。请删除你的消息并更换密钥，然后输入 `!分享 添加 { $platform } <账号>`，不要带密钥。
platform-not-set-up = 本服务器还没有设置 `{ $platform }`，请联系管理员。输入 `!分享 平台` 查看可用的平台。
account-not-shared = `{ $platform }` 的账号就是 { $server } 上各人自己的账号：请用你在那里的账号输入 `!分享 添加 { $platform }`。
interval-too-short = 我最多每 { $limit_seconds }查看一次。
link-template = `{ $typed }` 不是链接模板。模板是商品页面的地址，不同之处写作 `{"{slug}"}`、`{"{id}"}` 或 `{"{sku}"}`，例如 `https://shop.example/p/{"{slug}"}`。
push-not-possible = `{ $platform }` 不能主动推送，所以由我定时查看。
no-public-address = 本服务器没有供店铺使用的公开地址，店铺无法主动推送。管理员可以设置 `web.public_url`。现在由我定时查看你的账号。
nothing-to-confirm = **{ $label }** 不需要确认。
no-secret-for-account = **{ $label }** 不用密钥。
account-refused =
    没有添加 `{ $typed }`。{ $problem }

    要重试或换一个网址，请输入 `!分享 添加 feed https://…`
post-refused =
    没有分享 `{ $typed }`。{ $problem }
    { $needs_title ->
        [true] 你可以自己写明是什么，我照样分享：`!分享 发布 { $typed } 茶壶 | 25 EUR`
       *[false] {""}
    }
link-not-posted = 没有分享 `{ $typed }`：我只发以 https:// 开头、不超过 2000 个字符的链接。
wrong-price = `{ $typed }` 不是价格，所以没有分享。请把价格和货币写在竖线后面：`!分享 发布 https://… 茶壶 | 199元`；写成 `25,50 €` 或 `¥199` 也可以。
nothing-to-look-at = **{ $label }** 是你用 `!分享 发布` 自己分享的内容：没有什么可查看的，也不用密钥。
too-many = 你已经有 { $limit } 个，达到每人的上限。输入 `!分享 列表` 查看店铺和联系人，输入 `!分享 移除 <编号>` 腾出位置；类别则用 `!分享 类别 列表` 和 `!分享 类别 删除 <名称>`。
unknown-number = 你没有编号为 `{ $typed }` 的项目。输入 `!分享 列表` 查看编号。
no-accounts = 你还没有店铺或订阅源。请输入 `!分享 添加 feed https://…` 添加一个。
unknown-contact = 我不知道你和 `{ $typed }` 的私聊。请把我邀请到那个私聊里，在那里输入 `!分享 分享给 这里`；输入 `!分享 联系人` 查看我知道的私聊。
ambiguous-contact =
    你有几位联系人都叫 `{ $typed }`。请改为输入编号：
    { $contacts }
ambiguous-contact-contacts = { list-contacts }
not-direct-room = 不能在这里分享。{ $reason }请在只有你、你的朋友和我的私密聊天里输入 `!分享 分享给 这里`。
here-needs-direct-room = `这里` 指的是私聊，而这是你和我单独的房间。请在你和朋友的私聊里输入，例如 `!分享 分享给 这里`；想从这里指明某人，请输入 `!分享 分享给 <编号>`。输入 `!分享 列表` 查看编号。
not-in-direct-room = `!分享 { $topic }` 不能在私聊里使用，因为对方也看得到。请改在这里输入：`{ $topic_usage }`
secret-in-direct-room = 你在私聊里输入了账号信息，对方看得到。我没有处理它；含有密钥的消息，只要允许我就会删除。如果里面有密钥，请在店铺作废并更换，然后在这里输入 `!分享 添加 …` 或 `!分享 密钥 …`。
nobody-shares-here = 没有人在这个私聊里与你分享。想分享你自己的商品，请输入 `!分享 分享给 这里`。
only-for-sharers =
    只有分享的人才能这样做。
    你可以输入 `!分享 静音`、`!分享 取消静音`、`!分享 只要 <类别>` 或 `!分享 状态`，或者对某条分享回应 🔕。
too-late = 你输入 `!分享 { $topic }` 时我不在线，所以没有执行。如果仍然需要，请再输入一次：`{ $topic_usage }`
try-again = 我这边出了点问题，什么都没有改动。请过一分钟再输入一次。
too-fast = 你输入得有点快，我跟不上。请等一分钟再输入一次。

unknown-category =
    没有 `{ $typed }` 这个类别。可用的类别有：
    { $categories }

    `other` 表示“{ category-other }”；输入 `!分享 类别 新建 <名称> <条件>` 新建一个。
unknown-category-categories = • { $name }（`{ $name_id }`）
category-known = { $built_in ->
        [true] **{ $name }** 是内置的，不能修改。请换一个名称：`!分享 类别 新建 <名称> <条件>`
       *[false] 你已经有 **{ $name }**。输入 `!分享 类别 修改 "{ $name }" <条件>` 修改它。
    }
category-name = 类别不能叫 `{ $typed }`：名称太长，或者在这里另有含义。请换一个：`!分享 类别 新建 <名称> <条件>`
wrong-criteria =
    我读不懂这些条件。{ $reason }
    输入 `!分享 帮助 类别` 查看例子。
wrong-criteria-nothing-wanted = 没有说明什么属于这个类别；请至少写一个词、表达式、路径或价格，例如 `面条、茶`。
wrong-criteria-too-long = 超过了 { $limit } 个字符。
wrong-criteria-too-many = 超过了 { $limit } 个。
wrong-criteria-empty-word = `{ $typed }` 里没有文字或数字。
wrong-criteria-not-closed = 缺少结尾的引号或斜杠：`{ $typed }`
wrong-criteria-pattern = 表达式在 ❗ 处有误：`{ $before }❗{ $after }` – { $fault }
wrong-criteria-price = `{ $typed }` 不是价格；请写成 `价格 < 100 EUR` 或 `价格 10-500 EUR` 这样。
pattern-fault-not-closed = 有括号没有闭合。
pattern-fault-not-opened = 多了一个右括号。
pattern-fault-repetition = 前面没有可以重复的内容。
pattern-fault-class = 方括号是空的，或者里面的范围前后颠倒。
pattern-fault-escape = 反斜杠后面不能是这个字符；普通符号请写成 `\.` 这样。
pattern-fault-unsupported = 不支持前后查看和反向引用。
pattern-fault-too-large = 展开后太大，请简化。
pattern-fault-fits-all = 它符合所有标题，连空标题也符合。
pattern-fault-other = 从这里开始读不懂。
wrong-setting = { $reason }输入 `!分享 帮助 设置` 查看全部设置。
wrong-setting-unknown = 没有 `{ $typed }` 这个设置。
wrong-setting-kind = 没有 `{ $typed }` 这个种类；可以用 `上新`、`售出`、`购买`、`改价` 和 `下架`。
wrong-setting-output = 没有 `{ $typed }` 这种方式；可以用 `消息`、`弹窗`、`看板`、`汇总` 和 `状态`。
wrong-setting-time = `{ $typed }` 不是时间；请写成 `18:00` 这样。
wrong-setting-quiet = `{ $typed }` 不是时间段；请写成 `22:00-08:00` 这样，或写 `关闭`。
wrong-setting-price = `{ $typed }` 不是价格；请写成 `< 500 EUR` 或 `10-500 EUR` 这样，或写 `不限`。
wrong-setting-time-zone = 我不知道 `{ $typed }` 这个时区；{ $nearest ->
        [none] 请写成 `Asia/Shanghai` 这样。
       *[other] 是 `{ $nearest }` 吗？
    }
wrong-setting-language = 我不会说 `{ $typed }`；可以用 `en` 和 `zh`。
wrong-setting-account = 你没有编号为 `{ $typed }` 的店铺或订阅源；输入 `!分享 列表` 查看编号。
wrong-setting-duration = `{ $typed }` 不是时长；请写成 `10m`、`2h` 或 `30d` 这样，或写 `关闭`。
wrong-setting-not-for-one = 店铺只能设定 `种类`；其他设置都是为联系人设定的。
wrong-setting-status-for-one = 你的状态对所有人都一样，所以 `状态` 只能为所有联系人设定：`!分享 设置 方式 消息、状态`
orders-need-contact = 售出和购买绝不会一次向所有人显示。请指明联系人：`!分享 设置 给 <联系人> 种类 上新、售出`
status-needs-own-name = 状态是以你自己的名义写的，而你还没有同意。请先输入 `!分享 身份 我`。
status-seen-by-all = 与你同在一个聊天室的人都看得到你的状态，不只是你的联系人。符合全部联系人设置的新商品会替换那里的内容；售出和购买绝不会出现。
nothing-asked = 我没有问过你什么，或者已经过了太久。输入 `!分享 帮助` 查看全部命令。
unknown-trade = 没有编号为 `{ $typed }` 的商品。输入 `!分享 最近` 查看最新的商品和编号。
nothing-shared = 还没有分享过什么。输入 `!分享 预览` 查看将会分享什么。
no-user = { $typed_given ->
        [true] `{ $typed }` 不是完整的用户 ID；请写成 `@joy:example.org` 这样。
       *[false] 你指的是谁的分享？请在你们的私聊里输入，或者在这里写上完整的用户 ID：`!分享 静音 @joy:example.org`
    }
full = 你已达到每人的上限，所以没有添加。请先删除一些，例如输入 `!分享 类别 删除 <名称>` 或 `!分享 取消静音 <@用户>`。

## 为什么谢绝邀请或离开房间

declined = { $reason }
decline-not-permitted = 你不能通过本机器人分享，请联系本服务器的管理员。
decline-public = 其他人可以加入或阅读这个房间，请邀请我到私密聊天。
decline-too-many-people = 我只加入和你单独的聊天，或者你和另外一个人的聊天。
decline-special = 这不是用来聊天的房间，请邀请我到普通的私密聊天。
decline-encrypted = 这个聊天已加密，而本服务器的管理员为我关闭了加密功能；请邀请我到没有加密的聊天。
decline-unseen = 我看不到这是什么样的房间，请稍后再邀请我。
decline-one-is-enough = 你和我已经有一个房间了，一个就够；请在那里继续。
decline-alone = 这里已不再是两个人的聊天，所以我离开了；随时可以再邀请我。

## 主动告知

cards-wait = { $everybody ->
        [true] 本机器人今天为所有人发出的消息已达上限。
       *[false] 你今天发出的消息已达上限。
    }其余的会等到 { $until_at }，然后以一条消息发给每位联系人。不会丢失任何内容。
contact-stopped = 我不再分享给 **{ $person }**（编号 { $number }）。{ $reason }要继续分享，请把我邀请到只有你们两位和我的聊天，并在那里输入 `!分享 分享给 这里`。
contact-agreed = **{ $person }**（编号 { $number }）已同意，从现在起会收到你的新商品。
contact-declined = **{ $person }**（编号 { $number }）不想接收分享，所以我不会在那里发送。
board-not-pinned = 我无法在你和 **{ $person }**（编号 { $number }）的私聊里置顶看板。想让它显示在最上面，请在房间设置里允许我更改置顶消息，或者由你来置顶。不置顶也能用。
room-followed = 你和 **{ $person }** 的聊天已升级。我已跟到新房间，分享继续进行。
room-broken = 服务器不让我给 **{ $person }**（编号 { $number }）发消息。你的分享会一直等到可以发送；输入 `!分享 不分享给 { $number }` 则不再发送。
room-encrypted = 你和 **{ $person }**（编号 { $number }）的聊天已加密，现在无法在那里发消息：本服务器的管理员关闭了加密功能，或者加密暂时无法使用，或者那里没有人有可以读取的设备。你的分享会一直等到可以发送；输入 `!分享 不分享给 { $number }` 则不再发送。
account-needs-secret =
    我再也读不到 **{ $label }**（编号 { $number }）。{ $problem }
    我已停止尝试。请输入 `!分享 密钥 { $number }` 给我新密钥；这期间的内容不会丢失。
secret-expires = 我对 **{ $label }**（编号 { $number }）的访问权限将于 { $expires_at } 到期。请输入 `!分享 密钥 { $number }` 续期。
account-ended = `{ $platform }` 不再推送 **{ $label }**，所以我已把它从你的账号中移除。
account-failing =
    我读不到 **{ $label }**（编号 { $number }）。{ $problem }
    我会继续尝试。输入 `!分享 列表` 查看情况，输入 `!分享 移除 { $number }` 移除它。

## 加密聊天

unreadable = 我读不了你的消息，因为没有收到它的密钥。请再发一次。如果还是不行，请在 Element 里于此输入 `/discardsession`，然后再发一次。
device-not-trusted = 你的消息来自一个你还没有验证的会话，可能不是你本人发的，所以我什么都没有做。请在客户端的设置里验证那个会话，然后再发一次。
room-unreadable = 你和 **{ $person }** 的加密聊天里，有些内容我因为没有收到密钥而读不了，在那里输入的命令可能不会执行。如果我没有回答，请再输入一次；如果还是不行，请在 Element 里于那个聊天输入 `/discardsession`，然后再输入一次。
bot-device-replaced = 我用于加密聊天的设备丢失了，已换成新的。{ $new_identity ->
        [true] 我的身份也换成了新的，客户端可能会发出警告；请输入 `!分享 验证` 重新验证我。
       *[false] 我的身份没有变，你什么都不用做。
    }

## 用表情符号验证

verify-bot =
    这是我用于加密聊天的设备：
    • 设备：`{ $device }`
    • 指纹：`{ $fingerprint }`

    接下来这个房间里会出现一个验证请求。请在客户端里接受，并选择比较表情符号；我会在这里显示那边应该出现的内容。
compare-emoji =
    { $own_device ->
        [true] 请将你在 tradepost 的设备的这些表情符号，按顺序与客户端显示的比较：
       *[false] 请将我的这些表情符号，按顺序与客户端显示的比较：
    }
    { $emoji }

    如果相同，请在这里回答 `是`，并在客户端里选择“它们匹配”。如果不同，请在这里回答 `否`，并在那里选择“它们不匹配”。
compare-emoji-emoji = • { $symbol } { $emoji ->
        [0] 狗
        [1] 猫
        [2] 狮子
        [3] 马
        [4] 独角兽
        [5] 猪
        [6] 大象
        [7] 兔子
        [8] 熊猫
        [9] 公鸡
        [10] 企鹅
        [11] 乌龟
        [12] 鱼
        [13] 章鱼
        [14] 蝴蝶
        [15] 花
        [16] 树
        [17] 仙人掌
        [18] 蘑菇
        [19] 地球
        [20] 月亮
        [21] 云
        [22] 火
        [23] 香蕉
        [24] 苹果
        [25] 草莓
        [26] 玉米
        [27] 披萨
        [28] 蛋糕
        [29] 心
        [30] 笑脸
        [31] 机器人
        [32] 帽子
        [33] 眼镜
        [34] 扳手
        [35] 圣诞老人
        [36] 赞
        [37] 伞
        [38] 沙漏
        [39] 时钟
        [40] 礼物
        [41] 灯泡
        [42] 书
        [43] 铅笔
        [44] 回形针
        [45] 剪刀
        [46] 锁
        [47] 钥匙
        [48] 锤子
        [49] 电话
        [50] 旗帜
        [51] 火车
        [52] 自行车
        [53] 飞机
        [54] 火箭
        [55] 奖杯
        [56] 球
        [57] 吉他
        [58] 喇叭
        [59] 铃铛
        [60] 锚
        [61] 耳机
        [62] 文件夹
       *[63] 图钉
    }
verified = { $own_device ->
        [true] 你在 tradepost 的设备已通过验证。联系人看到它发的消息，就像你其他会话发的一样。
       *[false] 你已验证了我，客户端信任我的设备。
    }
verification-ended = { $problem }输入 `!分享 验证` 重新开始。
verification-mismatch = 表情符号不相同，所以没有验证。如果你确定没有看错，可能有人在我们之间做手脚，请告诉本服务器的管理员。
verification-timed-out = 用时太久，所以没有验证。
verification-cancelled = 验证已取消。
verification-not-possible = 你的客户端和我没有共同支持的验证方式，所以没有验证；请换一个客户端试试。
verification-no-cross-signing = 你的账号还没有设置交叉签名，所以无法验证。请在客户端的设置里设置，在 Element 里是“加密”一栏。

## 以自己的名义分享

own-name-asked =
    要以你自己的名义分享，需要你允许这些：
    • 我以你的身份在你的私聊里发消息，每条都带有简短的“通过 tradepost 分享”。
    • 我读取你的私聊列表。
    • 只在你分享的聊天里，我读取给我的命令和回应；其他地方不读。
    • 你指明要分享给某人时，我以你的身份打开私聊。
    • 我可能以你的名义被邀请到私聊里。
    • 我会在 tradepost 为你建立一个设备，你可以验证它。它和你的其他会话一样，会收到你加密聊天的密钥。
    • 发消息可能会让你显示为在线，或者清除未读标记。

    输入 `!分享 身份 机器人` 就会结束这一切，并删除该设备。
    你允许吗？请回答 `是` 或 `否`。
own-name-on = 从现在起，我以你自己的名义分享。输入 `!分享 验证` 验证你在 tradepost 的设备，用于加密聊天；输入 `!分享 身份 机器人` 结束。
own-name-off = 我不再以你的名义做任何事，你在 tradepost 的设备已删除。输入 `!分享 身份 我` 重新开始。
own-name-not-allowed = 你在这里不能以自己的名义分享，请联系本服务器的管理员。你仍然可以通过我分享。
own-name-not-set-up = 这里没有开通以自己的名义分享，请联系本服务器的管理员。你仍然可以通过我分享。
identity-changed = { $own ->
        [true] 从现在起，**{ $person }**（编号 { $number }）收到的分享以你自己的名义发出。
       *[false] 从现在起，**{ $person }**（编号 { $number }）收到的分享由我这个机器人发出。
    }
verify-device =
    请验证你在 tradepost 的设备 `{ $device }`，这样联系人就不会看到警告：
    • 你的其他会话里会出现一个请求。请在那里接受，并选择“开始”。
    • 这里和那里都会出现七个表情符号，请比较。
    • 如果相同，请在这里回答 `是`，并在那里选择“它们匹配”。
    • 如果不同，请在这里回答 `否`，并在那里选择“它们不匹配”。
device-unverified = 你在 tradepost 的设备会在加密聊天里发送你的分享，而你还没有验证它。在你输入 `!分享 验证` 完成验证之前，联系人可能会看到警告，或者什么都看不到。
device-gone = 你在 tradepost 的设备已被移除（由你，或由服务器的登录服务），所以不再以你的名义发送任何内容。输入 `!分享 身份 我` 建立新的设备，输入 `!分享 身份 机器人` 则由我来分享。
bot-invited = 我已以你的名义被邀请到你和 **{ $person }** 的私聊里。
approaching = 正在查找你和 **{ $person }** 的私聊。
approached = { $opened ->
        [true] 我以你的身份打开了和 **{ $person }**（编号 { $number }）的私聊，用来分享。
       *[false] 我找到了你和 **{ $person }**（编号 { $number }）的私聊，用来分享。
    }输入 `!分享 列表` 查看情况。
not-approached = 无法以你自己的名义分享给 **{ $person }**。{ $problem }
approach-nobody = 服务器上没有这个名字的人，请检查拼写。
approach-other-server = 对方在另一台服务器上，我不能和那里的人打开私聊。请你自己打开私聊，然后再输入一次。
approach-too-many = 这样就超过了目前允许的私聊或联系人数量。请明天再试，或者自己打开私聊；输入 `!分享 移除 <编号>` 可以为联系人腾出位置。
approach-declined = 我以前打开的私聊被拒绝了，或者对方已离开，所以不会再打开。请你自己打开私聊，然后再输入一次。
approach-refused = 服务器拒绝了，或者你们的私聊里不只有你们两位。
approach-blocked = 本服务器的管理员不允许向这个人分享任何内容。

## 为什么不是私聊；联系人可能看到

not-direct-bot-not-joined = 我已经不在那个聊天里。
not-direct-public = 任何人都可以加入那个聊天。
not-direct-world-readable = 任何人都可以阅读那个聊天。
not-direct-special = 那是空间，不是聊天。
not-direct-replaced = 那个聊天已被新的取代；请邀请我到新的聊天，分享会自动继续。
not-direct-others-present = 那个聊天里有其他人，或者邀请了其他人。
not-direct-sharer-gone = 你已经不在那个聊天里。
not-direct-contact-gone = 对方不在那个聊天里。

## 店铺或订阅源的问题

problem-not-an-address = 这不是网址；网址应该像 https://shop.example/feed 这样。
problem-address-not-allowed = 我只能读取以 https:// 或 http:// 开头、不含用户名和密码的网址。
problem-private-address = 这个地址不在公共互联网上，我不能读取。
problem-host-not-found = 找不到这个名字的服务器，请检查拼写。
problem-connection-failed = 连接不上服务器。
problem-timed-out = 服务器超过 { $limit_seconds }没有回应。
problem-too-large = 内容超过 { $limit_bytes }，我不读这么大的。
problem-too-many-redirects = 这个网址一直在跳转。
problem-http-status = 服务器返回错误 { $status }。
problem-asked-to-wait = 服务器要我过一会儿再来。
problem-not-found = 这个网址上什么都没有，请检查一下。
problem-needs-login = 服务器要求登录；我只能读取公开的网址。
problem-page-without-feed = 这是一个网页，没有标明订阅源。请在网页上找找叫 RSS、Atom 或“订阅”的链接。
problem-page-with-feeds =
    这是一个网页，里面有下列订阅源。请改为输入其中一行：
    { $feeds }
problem-page-with-feeds-feeds = • `!分享 添加 feed { $address }` { $title }
problem-not-a-feed = 那里既不是订阅源，也不是网页。
problem-leads-elsewhere = 这家店已搬到 { $address }，请用新地址添加。
problem-not-such-a-shop = 这个地址上没有 { $platform } 商店。
problem-no-such-account = 那里没有这个名字，请检查拼写。
problem-secret-needed = 没有密钥就无法读取。
problem-secret-malformed = 密钥的格式不对。
problem-secret-refused = 密钥不被接受：可能有误、已被撤销或已过期。
problem-not-allowed = 密钥正确，但不允许我读取这些内容。{ $missing }
problem-app-refused = 平台不接受本服务器的设置，请告诉管理员。
problem-malformed-answer = 平台的回答我读不懂。
problem-refused = 平台拒绝了，错误代码 { $code }。
problem-page-without-product = 这个网页没有说明它卖的是哪一件商品。

## 命令；需要多写几行的用 .more

topic-help = 帮助
    .usage = !分享 帮助 [命令]
    .about = 查看全部命令，或某个命令的说明。
    .example = !分享 帮助 添加
topic-panel = 面板
    .usage = !分享 面板 [这里]
    .about = 显示可以勾选的面板：店铺、联系人、类别。只输入 `!分享` 也可以。
    .example = !分享 面板
    .more = 在私聊里输入 `!分享 面板 这里`，会显示一个双方都能看到的简短面板。
topic-platforms = 平台
    .usage = !分享 平台
    .about = 查看可以添加哪些平台的账号。
    .example = !分享 平台
topic-add = 添加
    .usage = !分享 添加 <平台> <账号> [密钥] [链接模板]
    .about = 添加店铺或订阅源；只写一个链接也可以。
    .example = !分享 添加 feed https://shop.example/feed.xml
topic-remove = 移除
    .usage = !分享 移除 <编号>
    .about = 移除店铺、订阅源或联系人。
    .example = !分享 移除 1
topic-secret = 密钥
    .usage = !分享 密钥 <编号> [密钥]
    .about = 给店铺换新密钥，用链接或直接输入。
    .example = !分享 密钥 1
topic-confirm = 确认
    .usage = !分享 确认 <编号> <代码>
    .about = 用平台给你的代码确认账号。
    .example = !分享 确认 1 483920
topic-push = 推送
    .usage = !分享 推送 <编号> [开|关|手动]
    .about = 让店铺主动推送新商品。
    .example = !分享 推送 1
topic-interval = 间隔
    .usage = !分享 间隔 <编号> <时间>
    .about = 设定我多久查看一次店铺或订阅源。
    .example = !分享 间隔 1 30分钟
topic-list = 列表
    .usage = !分享 列表
    .about = 查看店铺、订阅源和联系人及其编号。
    .example = !分享 列表
topic-post = 发布
    .usage = !分享 发布 <链接> [标题 | 价格]
    .about = 手动分享一件商品：写上网页链接；网页没有说明的，写上是什么、多少钱。
    .example = !分享 发布 https://shop.example/p/7 茶壶 | 199元
    .more =
        你写的优先于网页上的。通常只写链接就够了，也可以只写其中一项：
        • `!分享 发布 https://shop.example/p/7`
        • `!分享 发布 https://shop.example/p/7 茶壶`
        • `!分享 发布 https://shop.example/p/7 | ¥199` – 或 `25,50 €`、`EUR 25.50`
        同一链接换个价格再发一次，就会告知新价格。
topic-contacts = 联系人
    .usage = !分享 联系人
    .about = 查看我知道的私聊及其情况。
    .example = !分享 联系人
topic-with = 分享给
    .usage = !分享 分享给 这里|<@用户>|<编号>|<名字>
    .about = 把新商品分享给某人；在你们的私聊里写“这里”。
    .example = !分享 分享给 这里
topic-without = 不分享给
    .usage = !分享 不分享给 这里|<@用户>|<编号>|<名字>
    .about = 不再分享给某人。
    .example = !分享 不分享给 2
topic-as = 身份
    .usage = !分享 身份 我|机器人 [给 <联系人>]
    .about = 以你自己的名义分享，或改回由我来发；可以为所有联系人，或只为一人。
    .example = !分享 身份 我
    .more =
        以你的名义行事之前我会先问你；随时可以用 `!分享 身份 机器人` 结束。联系人可以用编号、用户 ID 或名字：
        • `!分享 身份 机器人 给 2` – 对这位联系人由我来发
        • `!分享 身份 我 给 Mary` – 对这位联系人再以你的名义发
topic-verify = 验证
    .usage = !分享 验证 [机器人|我]
    .about = 和你核对表情符号，让你的客户端信任我，或信任我为你设的设备。
    .example = !分享 验证 机器人
topic-set = 设置
    .usage = !分享 设置 [给 <联系人>] [<设置> <内容>]
    .about = 设定分享什么、怎样分享，可以为所有人或只为一人；不写内容则查看现有设置。
    .example = !分享 设置 给 2 类别 电子商品、食品
    .more =
        联系人可以写编号、用户 ID 或名字。更多例子：
        • `!分享 设置 给 玛丽 类别 全部` – 所有类别；`其他` 表示哪个都不符合的
        • `!分享 设置 给 2 种类 上新、售出` – 也分享你卖出的；`购买` 是你买到的；店铺也要按它的编号同样设定
        • `!分享 设置 种类 上新、改价、下架` – 也告知新的价格，或者已经下架
        • `!分享 设置 方式 消息、看板` – 或者会发出提醒的 `弹窗`，或者 `汇总`；`状态` 只能为所有联系人设定，在你自己的状态里显示最新的商品
        • `!分享 设置 汇总 每天 18:00` – 每天一条消息；`关闭` 取消
        • `!分享 设置 免打扰 22:00-08:00` – 这段时间不发，过后再发；`关闭` 取消
        • `!分享 设置 价格 < 500 EUR` – 或者 `不限`
        • `!分享 设置 时区 Asia/Shanghai`
        • `!分享 设置 给 2 语言 en` – 消息所用的语言
        • `!分享 设置 给 2 账号 1、3` – 或者 `全部`
        • `!分享 设置 弹窗 10m` – 十分钟后撤回弹窗；`关闭` 则保留
        • `!分享 设置 给 2 免打扰 默认` – 恢复为与所有人相同
topic-category = 类别
    .usage = !分享 类别 列表|新建 <名称> <条件>|查看 <名称>|修改 <名称> <条件>|删除 <名称>|测试 <文字或链接>
    .about = 查看和新建类别；类别决定谁收到什么。
    .example = !分享 类别 新建 食品 面条、茶
    .more =
        名称有几个词时加引号。条件之间用逗号或顿号隔开，符合一个就算：
        • `面条` 或 `"green tea"` – 标题里的词或词组；`-玩具` – 标题里不能有
        • `/gr(ä|ae)fe?n/` – 正则表达式，不分大小写和全角半角
        • `路径:"食品 > 茶"` – 店铺自己的类别
        • `价格 < 100 EUR` – 并且价格要在范围内
        • `!分享 类别 测试 绿茶 100 克` – 查看它会归入哪些类别
topic-pause = 暂停
    .usage = !分享 暂停 [编号]
    .about = 全部暂停，或暂停某个店铺或联系人。
    .example = !分享 暂停 1
topic-resume = 继续
    .usage = !分享 继续 [编号]
    .about = 暂停后恢复。
    .example = !分享 继续 1
topic-now = 立即
    .usage = !分享 立即
    .about = 马上查看有没有新商品。
    .example = !分享 立即
topic-status = 状态
    .usage = !分享 状态
    .about = 查看当前情况。
    .example = !分享 状态
topic-preview = 预览
    .usage = !分享 预览
    .about = 查看会把什么分享给谁，但不发送。
    .example = !分享 预览
topic-recent = 最近
    .usage = !分享 最近
    .about = 查看你最新的商品、编号，以及发给了几位联系人。
    .example = !分享 最近
topic-why = 为什么
    .usage = !分享 为什么 <编号>
    .about = 说明某件商品发给谁、由哪个条件决定。
    .example = !分享 为什么 12
topic-undo = 撤回
    .usage = !分享 撤回 [编号]
    .about = 从所有私聊里撤回最新的或指定编号的商品。
    .example = !分享 撤回 12
    .more = 对你的一条分享回应 ❌ 也一样。
topic-yes = 是
    .usage = !分享 是
    .about = 对我的提问回答“是”。
    .example = !分享 是
topic-no = 否
    .usage = !分享 否
    .about = 对我的提问回答“否”。
    .example = !分享 否
topic-cancel = 取消
    .usage = !分享 取消
    .about = 不回答我的提问。
    .example = !分享 取消
topic-mute = 静音
    .usage = !分享 静音 [@用户|所有人] [30d]
    .about = 停止接收这个私聊里或某人的分享，一直或一段时间。
    .example = !分享 静音 30d
    .more = 在你和我单独的房间里：`!分享 静音 @joy:example.org 30d`。`!分享 静音 所有人` 停止所有人的分享，包括以后才开始和你分享的人。
topic-unmute = 取消静音
    .usage = !分享 取消静音 [@用户|所有人]
    .about = 恢复接收。
    .example = !分享 取消静音
    .more = 在你和我单独的房间里：`!分享 取消静音 @joy:example.org`
topic-only = 只要
    .usage = !分享 只要 <类别>|全部
    .about = 在这个私聊里只接收某些类别。
    .example = !分享 只要 电子商品、家居用品
topic-muted = 已静音
    .usage = !分享 已静音
    .about = 查看你静音了谁。
    .example = !分享 已静音
topic-privacy = 隐私
    .usage = !分享 隐私
    .about = 查看我保存了你的哪些信息。
    .example = !分享 隐私
topic-export = 导出
    .usage = !分享 导出
    .about = 以文件形式提供我保存的关于你分享的信息。
    .example = !分享 导出
topic-forget = 忘记
    .usage = !分享 忘记 我
    .about = 删除我保存的关于你的信息；删除前会先询问。
    .example = !分享 忘记 我
topic-language = 语言
    .usage = !分享 语言 en|zh
    .about = 更改我和你交流的语言。
    .example = !分享 语言 en
topic-version = 版本
    .usage = !分享 版本
    .about = 查看 tradepost 的版本。
    .example = !分享 版本

## 卡片

kind-listing = 新品
kind-sale = 已售出
kind-purchase = 已购买
kind-price-change = 价格变动
kind-withdrawn = 已下架
no-longer-available = 已下架
board-heading = { $sharer } 目前的商品：{ $count } 件
board-empty = 目前没有商品。
in-own-name = 通过 tradepost 分享
by-hand = 手动发布
digest-heading = { $count } 件新商品

## 数量；when-pattern 是 UTC 时间的 strftime 格式

price = { $currency ->
        [CNY] ¥{ $amount }
        [EUR] { $amount } 欧元
        [USD] { $amount } 美元
        [GBP] { $amount } 英镑
        [JPY] { $amount } 日元
        [KRW] { $amount } 韩元
        [HKD] { $amount } 港元
        [TWD] { $amount } 新台币
        [SGD] { $amount } 新加坡元
        [AUD] { $amount } 澳元
        [CAD] { $amount } 加元
        [CHF] { $amount } 瑞士法郎
       *[other] { $amount } { $currency }
    }
when-pattern = %Y年%-m月%-d日 %H:%M（UTC）
duration-days = { $count } 天
duration-hours = { $count } 小时
duration-minutes = { $count } 分钟
duration-seconds = { $count } 秒
size-megabytes = { $count } MB
size-kilobytes = { $count } KB
size-bytes = { $count } 字节

## 网页

page-secret-heading = 填写 { $platform } 的密钥
page-secret-about = { $account_given ->
        [true] tradepost 需要它来读取 { $account }。你在这里填写的内容只会交给 tradepost 并加密保存，不会出现在聊天里。
       *[false] tradepost 需要它来读取你要分享的内容。你在这里填写的内容只会交给 tradepost 并加密保存，不会出现在聊天里。
    }
page-secret-token = 令牌
page-secret-key = 密钥（Key）
page-secret-of-key = 密码（Secret）
page-secret-user = 用户名
page-secret-password = 密码
page-secret-send = 保存
page-secret-hint = 这个页面不是你向 tradepost 要的？请直接关闭，什么都不要填。
page-show-heading = { $platform } 需要的信息
page-show-about = { $account_given ->
        [true] 这是 { $account } 的 webhook 地址和密钥，只显示一次。
       *[false] 这是 webhook 的地址和密钥，只显示一次。
    }
page-show-send = 显示
page-show-hint = 店铺的设置页面打开了吗？接下来就要用到。如果显示后弄丢了，请再输入一次 `!分享 推送 … 手动`。
page-shown-heading = 用于你的 webhook
page-shown-about = 请把这两项填进 { $account } 的 webhook 设置。点一下即可选中整项。
page-shown-address = 地址
page-shown-secret = 密钥
page-shown-hint = 这些内容只在此刻显示。如果弄丢了，请再输入一次 `!分享 推送 … 手动`，会得到新的地址和密钥。
page-done-heading = 完成
page-done-about = 可以回到聊天了，tradepost 会在那里告诉你结果。这是为以下用户办理的：
page-gone-heading = 这个链接已失效
page-gone-about = 链接只能使用一次，而且很快过期。如果你刚刚用过，请回到聊天查看结果；否则请在聊天里重新要一个。
page-refused-heading = 没有成功
page-refused-about = 请回到聊天，在那里再试一次。
page-later-heading = 暂时不行
page-later-about = 请一分钟后再试。
