### tradepost 说的话，简体中文。
###
### 消息名即通知名（src/domain/notice.rs），参数即通知的字段。写法见 locales/en/tradepost.ftl 的说明：
### `…` 是要输入的内容，**…** 是粗体，以 • 开头的行是列表，空行另起一段。

## 问候

greeting =
    你好，我是 tradepost。我会把你的店铺和订阅源里的新商品发到你选定的私聊里。

    第一步，在这里输入 `!分享 添加 feed https://…`，填上店铺或订阅源的网址。
    第二步，把我邀请到你和朋友的私聊里，在那里输入 `!分享 分享给 这里`。

    输入 `!分享 帮助` 查看全部命令。For English, type `!share language en`.
helper-greeting = 你好！{ $sharer }，输入 `!分享 分享给 这里`，就会把你的新商品分享给这个私聊里的另一位；在那之前我什么都不发。
introduction = { $sharer } 通过 tradepost 在这里与你分享新商品。输入 `!分享 静音` 停止接收，输入 `!分享 取消静音` 恢复。

## 回答

help =
    我能听懂下面这些命令。`<…>` 必填，`[…]` 可省略。在你和我单独的房间里可以不写 `!分享`。

    { $sections }

    输入 `!分享 帮助 <命令>` 查看某个命令的说明和例子。
help-section-shops = **你的店铺和订阅源**
    { $topics }
help-section-sharing = **分享给谁**
    { $topics }
help-section-receiving = **别人分享给你时**（在你们的私聊里输入）
    { $topics }
help-section-general = **其他**
    { $topics }
help-topics = • `{ $topic_usage }` – { $topic_about }
help-topic =
    `{ $topic_usage }`
    { $topic_about }
    例如：`{ $topic_example }`
help-in-direct-room = 在这里可以输入 `!分享 分享给 这里`、`!分享 不分享给 这里`、`!分享 暂停` 或 `!分享 继续`；接收分享的人可以输入 `!分享 静音` 或 `!分享 取消静音`。其他命令请在你和我单独的房间里输入。

platforms =
    可以添加这些平台的账号：
    { $platforms }

    输入 `!分享 添加 <平台> <账号>`，或者直接输入 `!分享 添加 <链接>`。
platforms-platforms = • `{ $platform }`{ $platform ->
        [feed] {" "}– 任何提供 RSS、Atom 或 JSON 订阅源的店铺、博客或集市
       *[other] {""}
    }
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
account-added-sample = 发出来是这个样子：{ card-line }
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
list-accounts = • { $number }：**{ $label }**（{ $platform }，{ $name }）– { $state ->
        [active] 正常
        [paused] 已暂停
       *[failing] 连续失败 { $failures } 次
    }{ $answered_at ->
        [none] {""}
       *[other] ，上次读取于 { $answered_at }
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
        [muted] 对方已静音
        [encrypted] 等待中：私聊已加密，我暂时无法在那里发消息
       *[broken] 等待中：服务器不让我在那里发消息
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
    }
    • 等待发送：{ $waiting } 条
    • 最近一次发送：{ $posted_at ->
        [none] 还没有
       *[other] { $posted_at }
    }

preview =
    你最新的商品：
    { $cards }

    这样的商品会分享给：
    { $contacts }

    这次没有发送任何内容。
preview-cards = • { card-line }
preview-cards-none = • 还没有。输入 `!分享 列表` 查看店铺和订阅源，输入 `!分享 添加 feed https://…` 添加
preview-contacts = • { $person }
preview-contacts-none = • 还没有人。请把我邀请到你和朋友的私聊里，在那里输入 `!分享 分享给 这里`

sharing-with = 从现在起，**{ $person }**（编号 { $number }）会收到你的新商品。{ $without_accounts ->
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
muted = 你不会再在这里收到 { $sharer } 的分享。输入 `!分享 取消静音` 恢复。
unmuted = 你会重新在这里收到 { $sharer } 的分享。输入 `!分享 静音` 停止接收。
contact-status = { $muted ->
        [true] 你已将 { $sharer } 在这里的分享静音。输入 `!分享 取消静音` 恢复。
       *[false] { $sharer } 在这里与你分享新商品。输入 `!分享 静音` 停止接收。
    }

## 拒绝：哪里不对，接下来输入什么

unknown-command = 没有 `{ $typed }` 这个命令。{ $nearest ->
        [none] 输入 `!分享 帮助` 查看全部命令。
       *[other] 你是想输入 `{ $nearest_usage }` 吗？
    }
wrong-usage =
    我没太明白。应该这样写：`{ $topic_usage }`
    例如：`{ $topic_example }`
not-permitted = { $user } 不能通过本机器人分享。请联系本服务器的管理员开通，然后输入 `!分享 帮助`。
unknown-platform =
    没有 `{ $typed }` 这个平台。可用的平台有：
    { $platforms }

    输入 `!分享 添加 <平台> <账号>`，或者直接输入 `!分享 添加 <链接>`。
unknown-platform-platforms = • `{ $platform }`
secret-not-taken = `{ $platform }` 不需要密钥，所以没有添加。请删除你的消息并更换密钥，然后输入 `!分享 添加 { $platform } <账号>`，不要带密钥。
account-refused =
    没有添加 `{ $typed }`。{ $problem }

    要重试或换一个网址，请输入 `!分享 添加 feed https://…`
too-many = 你已经有 { $limit } 个，达到每人的上限。输入 `!分享 列表` 查看，输入 `!分享 移除 <编号>` 腾出位置。
unknown-number = 你没有编号为 `{ $typed }` 的项目。输入 `!分享 列表` 查看编号。
no-accounts = 你还没有店铺或订阅源。请输入 `!分享 添加 feed https://…` 添加一个。
unknown-contact = 我不知道你和 `{ $typed }` 的私聊。请把我邀请到那个私聊里，在那里输入 `!分享 分享给 这里`。
not-direct-room = 不能在这里分享。{ $reason }请在只有你、你的朋友和我的私密聊天里输入 `!分享 分享给 这里`。
here-needs-direct-room = `这里` 指的是私聊，而这是你和我单独的房间。请在你和朋友的私聊里输入 `!分享 分享给 这里`，或者在这里输入 `!分享 分享给 <编号>`；输入 `!分享 列表` 查看编号。
not-in-direct-room = `!分享 { $topic }` 不能在私聊里使用，因为对方也看得到。请改在这里输入：`{ $topic_usage }`
secret-in-direct-room = 你在私聊里输入了账号信息，对方看得到。我没有添加，也无法在那里删除它。请你自己删除那条消息；如果里面有密钥，请更换密钥，然后在这里输入 `!分享 添加 …`。
nobody-shares-here = 没有人在这个私聊里与你分享。想分享你自己的商品，请输入 `!分享 分享给 这里`。
only-for-sharers = 只有分享的人才能这样做。你可以输入 `!分享 静音` 或 `!分享 取消静音`。
too-late = 你输入 `!分享 { $topic }` 时我不在线，所以没有执行。如果仍然需要，请再输入一次：`{ $topic_usage }`
try-again = 我这边出了点问题，什么都没有改动。请过一分钟再输入一次。
too-fast = 你输入得有点快，我跟不上。请等一分钟再输入一次。

## 为什么谢绝邀请或离开房间

declined = { $reason }
decline-not-permitted = 你不能通过本机器人分享，请联系本服务器的管理员。
decline-public = 其他人可以加入或阅读这个房间，请邀请我到私密聊天。
decline-too-many-people = 我只加入和你单独的聊天，或者你和另外一个人的聊天。
decline-special = 这不是用来聊天的房间，请邀请我到普通的私密聊天。
decline-encrypted = 我还不能读取加密聊天，请邀请我到没有加密的聊天。
decline-unseen = 我看不到这是什么样的房间，请稍后再邀请我。
decline-alone = 这里已不再是两个人的聊天，所以我离开了；随时可以再邀请我。

## 主动告知

contact-stopped = 我不再分享给 **{ $person }**（编号 { $number }）。{ $reason }要继续分享，请把我邀请到只有你们两位和我的聊天，并在那里输入 `!分享 分享给 这里`。
room-followed = 你和 **{ $person }** 的聊天已升级。我已跟到新房间，分享继续进行。
room-broken = 服务器不让我给 **{ $person }**（编号 { $number }）发消息。你的分享会一直等到可以发送；输入 `!分享 不分享给 { $number }` 则不再发送。
room-encrypted = 你和 **{ $person }**（编号 { $number }）的聊天已加密，我暂时无法在那里发消息。你的分享会等着；输入 `!分享 不分享给 { $number }` 则不再发送。
account-failing =
    我读不到 **{ $label }**（编号 { $number }）。{ $problem }
    我会继续尝试。输入 `!分享 列表` 查看情况，输入 `!分享 移除 { $number }` 移除它。

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

## 命令

topic-help = 帮助
    .usage = !分享 帮助 [命令]
    .about = 查看全部命令，或某个命令的说明。
    .example = !分享 帮助 添加
topic-platforms = 平台
    .usage = !分享 平台
    .about = 查看可以添加哪些平台的账号。
    .example = !分享 平台
topic-add = 添加
    .usage = !分享 添加 <平台> <账号> [密钥]
    .about = 添加店铺或订阅源；只写一个链接也可以。
    .example = !分享 添加 feed https://shop.example/feed.xml
topic-remove = 移除
    .usage = !分享 移除 <编号>
    .about = 移除店铺、订阅源或联系人。
    .example = !分享 移除 1
topic-list = 列表
    .usage = !分享 列表
    .about = 查看店铺、订阅源和联系人及其编号。
    .example = !分享 列表
topic-with = 分享给
    .usage = !分享 分享给 这里|<@用户>|<编号>
    .about = 把新商品分享给某人；在你们的私聊里写“这里”。
    .example = !分享 分享给 这里
topic-without = 不分享给
    .usage = !分享 不分享给 这里|<@用户>|<编号>
    .about = 不再分享给某人。
    .example = !分享 不分享给 2
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
topic-language = 语言
    .usage = !分享 语言 en|zh
    .about = 更改我和你交流的语言。
    .example = !分享 语言 en
topic-mute = 静音
    .usage = !分享 静音
    .about = 停止接收这个私聊里的分享。
    .example = !分享 静音
topic-unmute = 取消静音
    .usage = !分享 取消静音
    .about = 恢复接收。
    .example = !分享 取消静音
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
