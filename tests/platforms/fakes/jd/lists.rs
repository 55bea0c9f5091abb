//! The lists: orders, wares and their forms.

use super::Books;
use super::CANARY;
use super::Order;
use super::Ware;
use super::read;
use super::written;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

fn text<'a>(query: &'a Value, name: &str) -> Result<&'a str, &'static str> {
    query[name].as_str().ok_or("61")
}

pub(super) fn orders(books: &Books, query: &Value) -> Result<Value, &'static str> {
    if let Some(success) = &books.failure {
        return Ok(
            json!({"apiResult": {"success": success, "numberCode": 10_400_009, "englishErrCode": "CANARY", "chineseErrCode": "CANARY"}}),
        );
    }
    let (from, to) = (read(text(query, "start_date")?)?, read(text(query, "end_date")?)?);
    if from > to || to.duration_since(from) > SignedDuration::from_hours(30 * 24) {
        return Err("61");
    }
    let by_change = query["dateType"] == json!(0);
    if from < books.now() - SignedDuration::from_hours(90 * 24) && by_change {
        return Err("61");
    }
    let states: BTreeSet<&str> = text(query, "order_state")?.split(',').collect();
    let fields: BTreeSet<&str> = text(query, "optional_fields")?.split(',').filter(|field| !field.is_empty()).collect();
    if fields.is_empty() {
        return Err("68");
    }
    let (number, size) =
        (text(query, "page")?.parse::<usize>().map_err(|_| "61")?, text(query, "page_size")?.parse::<usize>().map_err(|_| "61")?);
    if number == 0 || size == 0 || size > 100 {
        return Err("61");
    }
    let floor = |at: Timestamp| Timestamp::from_second(at.as_second()).expect("a time");
    let is_within = |order: &&Order| {
        let at = floor(if by_change { order.modified } else { order.made_at });
        states.contains(order.state) && from <= at && at <= to
    };
    let mut found: Vec<&Order> = books.orders.iter().filter(is_within).collect();
    found.sort_by_key(|order| order.modified);
    let page: Vec<Value> = found.iter().skip((number - 1) * size).take(size).map(|order| order_json(order, &fields)).collect();
    Ok(json!({"apiResult": {"success": true, "numberCode": 0}, "orderTotal": found.len(), "orderInfoList": page}))
}

fn order_json(order: &Order, fields: &BTreeSet<&str>) -> Value {
    let lines: Vec<Value> = order
        .lines
        .iter()
        .map(|(sku, title, price, count)| {
            json!({"skuId": sku.to_string(), "skuName": title, "jdPrice": price, "itemTotal": count.to_string(), "wareId": "1",
                "outerSkuId": "", "giftPoint": "0", "productNo": ""})
        })
        .collect();
    let all = json!({
        "orderId": order.id.to_string(),
        "orderState": order.state,
        "orderStartTime": written(Some(order.made_at)),
        "paymentConfirmTime": written(order.paid_at),
        "orderEndTime": written(order.ended_at),
        "modified": written(Some(order.modified)),
        "itemInfoList": lines,
        "orderRemark": format!("{CANARY} a note"),
        "consigneeInfo": {"fullname": CANARY, "fullAddress": CANARY, "telephone": CANARY, "mobile": CANARY},
        "invoiceInfo": CANARY,
        "payType": "4-在线支付",
    });
    let mut asked: serde_json::Map<String, Value> = all
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(name, _)| fields.contains(name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    // These come unasked.
    asked.insert("pin".to_owned(), json!(CANARY));
    asked.insert("open_id_buyer".to_owned(), json!(CANARY));
    asked.into()
}

pub(super) fn wares(books: &Books, query: &Value) -> Result<Value, &'static str> {
    let states: BTreeSet<u32> = text(query, "wareStatusValue")?.split(',').map(|state| state.parse().expect("a number")).collect();
    let limit = |name: &str| query[name].as_str().map(read).transpose();
    let (from, to) = (limit("startModifiedTime")?, limit("endModifiedTime")?);
    let (number, size) = (query["pageNo"].as_u64().ok_or("61")?, query["pageSize"].as_u64().ok_or("61")?);
    if number == 0 || size == 0 || size > 100 || text(query, "orderField")? != "wareId" || text(query, "orderType")? != "asc" {
        return Err("61");
    }
    let is_asked = |ware: &&Ware| {
        states.contains(&ware.status)
            && from.is_none_or(|from| ware.modified >= from)
            && to.is_none_or(|to| ware.modified.as_second() <= to.as_second())
    };
    let found: Vec<&Ware> = books.wares.iter().filter(is_asked).collect();
    let json = |ware: &&Ware| {
        json!({"wareId": ware.id, "title": ware.title, "wareStatus": ware.status, "categoryId": 11_222, "logo": "jfs/t1/a.jpg",
            "jdPrice": serde_json::from_str::<Value>(ware.price).expect("a number"), "onlineTime": ware.modified.as_millisecond(),
            "modified": ware.modified.as_millisecond(), "afterSaleDesc": CANARY})
    };
    let skipped = usize::try_from((number - 1) * size).expect("a number");
    let page: Vec<Value> = found.iter().skip(skipped).take(usize::try_from(size).expect("a number")).map(json).collect();
    let mut answer = json!({"pageNo": number, "pageSize": size, "totalItem": found.len()});
    // An empty list is left out.
    if !page.is_empty() {
        answer["data"] = page.into();
    }
    Ok(answer)
}

/// Each ware has two, numbered by it.
pub(super) fn skus(books: &Books, query: &Value) -> Result<Value, &'static str> {
    let asked: BTreeSet<u64> = text(query, "wareId")?.split(',').map(|id| id.parse().expect("a number")).collect();
    if asked.len() > 10 || query["page_size"].as_u64().is_none_or(|size| size > 50) {
        return Err("61");
    }
    let wares = books.wares.iter().filter(|ware| asked.contains(&ware.id));
    let json = |ware: &Ware| [0, 1].map(|form| json!({"skuId": ware.id * 10 + form, "wareId": ware.id, "status": 1}));
    Ok(json!({"pageNo": 1, "pageSize": 50, "totalItem": asked.len() * 2, "data": wares.flat_map(json).collect::<Vec<_>>()}))
}
