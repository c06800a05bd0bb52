"""Shops that published what was bought: Online Retail (UCI), H&M, Book-Crossing."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import ITEMS, LOG, USERS
from crossrec.schema import (
    CATEGORY,
    EVENT,
    ITEM,
    PRICE,
    QUANTITY,
    RATING,
    SCENARIO,
    TEXT,
    TIME,
    TITLE,
    USER,
)

_RETAIL = {ITEM: "StockCode", TITLE: "Description", QUANTITY: "Quantity", TIME: "InvoiceDate",
           SCENARIO: "", EVENT: ""}  # fmt: skip

ONLINE_RETAIL = (
    Tables("Online Retail")
    .headed(
        LOG,
        "InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID",
        {USER: "CustomerID", PRICE: "UnitPrice", **_RETAIL},
    )
    .headed(
        LOG,
        "Invoice,StockCode,Quantity,InvoiceDate,Customer ID",
        {USER: "Customer ID", PRICE: "Price", **_RETAIL},
    )
    .layout()
)

H_AND_M = (
    Tables("H&M")
    .headed(
        LOG,
        "t_dat,customer_id,article_id",
        {USER: "customer_id", ITEM: "article_id", TIME: "t_dat", SCENARIO: "sales_channel_id"},
    )
    .headed(
        ITEMS,
        "article_id,product_code,prod_name",
        {ITEM: "article_id", TITLE: "prod_name", TEXT: "detail_desc",
         CATEGORY: "product_type_name", SCENARIO: ""},
    )
    .headed(USERS, "customer_id,club_member_status", {USER: "customer_id"})
    .layout()
)  # fmt: skip
"""The sales channel (1 shop, 2 online) is the scenario."""

BOOK_CROSSING = (
    Tables("Book-Crossing")
    .headed(
        LOG,
        "User-ID,ISBN,Book-Rating",
        {USER: "User-ID", ITEM: "ISBN", RATING: "Book-Rating", SCENARIO: "", EVENT: ""},
    )
    .headed(
        ITEMS,
        "ISBN,Book-Title,Book-Author",
        {ITEM: "ISBN", TITLE: "Book-Title", SCENARIO: ""},
    )
    .headed(USERS, "User-ID,Location,Age", {USER: "User-ID"})
    .layout()
)
