//! Customers and their way through the shop's own checkout. Everything that they say of themselves holds
//! the canary.

use super::CANARY;
use super::Product;
use super::Shop;
use super::graphql::Visitor;
use super::text;
use serde_json::Value;
use serde_json::json;

const PASSWORD: &str = "a password that is long enough";

/// What of an order is looked at.
const ORDER: &str = "__typename ...on ErrorResult{message} ...on Order{id state}";

/// Somebody with an account at the shop.
pub struct Customer {
    mail: String,
    visitor: Visitor,
}

/// An order at the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The shop's id of it.
    pub id: String,
    /// Its state.
    pub state: String,
}

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// At once.
    Now,
    /// When the shop says that it has the money, see [`Shop::settles`].
    Later,
}

impl Shop {
    /// Gives somebody an account and logs her in. Another of the same name at the same shop cannot be had.
    pub async fn registers(&self, name: &str) -> Customer {
        let visitor = Visitor::new(self.port, "shop-api");
        let mail = format!("{name}-{}@shop.example", CANARY.to_lowercase());
        let person = json!({"emailAddress": mail, "firstName": CANARY, "lastName": CANARY, "phoneNumber": CANARY, "password": PASSWORD});
        let query = "mutation($input:RegisterCustomerInput!){done:registerCustomerAccount(input:$input){\
                     __typename ...on ErrorResult{message}}}";
        visitor.does(query, person).await;
        let visitor = visitor.logs_in(&mail, PASSWORD).await;
        Customer { mail, visitor }
    }

    /// Somebody without an account buys something and pays at once.
    pub async fn sells(&self, product: &Product, quantity: u32) -> Order {
        let visitor = Visitor::new(self.port, "shop-api");
        let query = format!("mutation($input:CreateCustomerInput!){{done:setCustomerForOrder(input:$input){{{ORDER}}}}}");
        add(&visitor, product, quantity).await;
        let mail = format!("guest-{}@shop.example", CANARY.to_lowercase());
        visitor.does(&query, json!({"emailAddress": mail, "firstName": CANARY, "lastName": CANARY, "phoneNumber": CANARY})).await;
        check_out(&visitor, Payment::Now).await
    }
}

impl Customer {
    /// Her secret, as it is typed.
    pub fn secret(&self) -> String {
        format!("{} {PASSWORD}", self.mail)
    }

    /// Buys something and pays at once.
    pub async fn buys(&self, product: &Product, quantity: u32) -> Order {
        self.buys_and_pays(product, quantity, Payment::Now).await
    }

    /// Buys something.
    pub async fn buys_and_pays(&self, product: &Product, quantity: u32, payment: Payment) -> Order {
        self.fills_cart(product, quantity).await;
        check_out(&self.visitor, payment).await
    }

    /// Puts something into her cart and leaves it there.
    pub async fn fills_cart(&self, product: &Product, quantity: u32) {
        add(&self.visitor, product, quantity).await;
    }
}

async fn add(visitor: &Visitor, product: &Product, quantity: u32) {
    let query = format!("mutation($variant:ID!,$n:Int!){{done:addItemToOrder(productVariantId:$variant,quantity:$n){{{ORDER}}}}}");
    visitor.asks(&query, json!({"variant": product.variant, "n": quantity})).await;
}

async fn check_out(visitor: &Visitor, payment: Payment) -> Order {
    let address = json!({
        "fullName": CANARY, "company": CANARY, "streetLine1": CANARY, "streetLine2": CANARY, "city": CANARY, "province": CANARY,
        "postalCode": CANARY, "countryCode": "AT", "phoneNumber": CANARY,
    });
    for with in ["setOrderShippingAddress", "setOrderBillingAddress"] {
        let query = format!("mutation($input:CreateAddressInput!){{done:{with}(input:$input){{{ORDER}}}}}");
        visitor.does(&query, address.clone()).await;
    }
    let methods = visitor.asks("{done:eligibleShippingMethods{id}}", Value::Null).await;
    let query = format!("mutation($input:[ID!]!){{done:setOrderShippingMethod(shippingMethodId:$input){{{ORDER}}}}}");
    visitor.does(&query, json!([methods[0]["id"]])).await;
    let query = format!("mutation($input:String!){{done:transitionOrderToState(state:$input){{{ORDER}}}}}");
    visitor.does(&query, json!("ArrangingPayment")).await;
    let (method, state) = match payment {
        Payment::Now => ("paid-at-once", "PaymentSettled"),
        Payment::Later => ("paid-later", "PaymentAuthorized"),
    };
    let query = format!("mutation($input:PaymentInput!){{done:addPaymentToOrder(input:$input){{{ORDER}}}}}");
    let order = visitor.does(&query, json!({"method": method, "metadata": {"card": CANARY}})).await;
    assert_eq!(order["state"], state, "{order}");
    Order { id: text(&order["id"]), state: text(&order["state"]) }
}
