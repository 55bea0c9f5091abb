"""What a shopkeeper does by hand on other days: she opens accounts, puts things on the shelf, changes
prices, and says how an order stands. A test asks for it by POST, with JSON.
"""

import json
from decimal import Decimal

from django.contrib.auth.models import Permission, User
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.apps.catalogue.models import Product, ProductClass, ProductImage
from oscar.apps.order.models import Order
from oscar.apps.partner.models import Partner, StockRecord


def ready(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"shop": "django-oscar"})


@csrf_exempt
def users(request: HttpRequest) -> JsonResponse:
    asked = json.loads(request.body)
    user = User.objects.create_user(asked["name"], f"{asked['name']}.CANARY@example.org", asked["password"])
    user.is_staff = asked.get("staff", False)
    for permission in asked.get("permissions", []):
        app, name = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=name))
    user.save()
    return JsonResponse({"id": user.pk})


@csrf_exempt
def products(request: HttpRequest) -> JsonResponse:
    asked = json.loads(request.body)
    parent = asked.get("parent")
    kind, _ = ProductClass.objects.get_or_create(name="Thing", requires_shipping=True, track_stock=True)
    product = Product.objects.create(
        title=asked["title"],
        description="A description CANARY that nobody needs",
        structure=Product.CHILD if parent else asked.get("structure", Product.STANDALONE),
        parent_id=parent,
        product_class=None if parent else kind,
        is_public=asked.get("public", True),
    )
    if category := asked.get("category"):
        product.categories.add(create_from_breadcrumbs(category))
    if picture := asked.get("picture"):
        ProductImage.objects.create(product=product, original=picture)
    if price := asked.get("price"):
        partner, _ = Partner.objects.get_or_create(name="The shop CANARY")
        StockRecord.objects.create(
            product=product,
            partner=partner,
            partner_sku=f"CANARY-{product.pk}",
            price_currency=asked.get("currency", "CNY"),
            price=Decimal(price),
            num_in_stock=asked.get("stock", 10),
        )
    return JsonResponse({"id": product.pk, "page": product.get_absolute_url()})


@csrf_exempt
def product(request: HttpRequest, number: int) -> JsonResponse:
    asked = json.loads(request.body)
    stock = StockRecord.objects.filter(product=number)
    if "price" in asked:
        stock.update(price=Decimal(asked["price"]))
    if "stock" in asked:
        stock.update(num_in_stock=asked["stock"])
    if "public" in asked:
        Product.objects.filter(pk=number).update(is_public=asked["public"])
    if asked.get("deleted"):
        Product.objects.get(pk=number).delete()
    return JsonResponse({})


@csrf_exempt
def order(request: HttpRequest, number: str) -> JsonResponse:
    asked = json.loads(request.body)
    Order.objects.get(number=number).set_status(asked["status"])
    return JsonResponse({})


@csrf_exempt
def user(request: HttpRequest, name: str) -> JsonResponse:
    asked = json.loads(request.body)
    if asked.get("deleted"):
        User.objects.get(username=name).delete()
    if renamed := asked.get("name"):
        User.objects.filter(username=name).update(username=renamed)
    return JsonResponse({})


urlpatterns = [
    path("ready", ready),
    path("users", users),
    path("users/<str:name>", user),
    path("products", products),
    path("products/<int:number>", product),
    path("orders/<str:number>", order),
]
