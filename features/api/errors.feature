Feature: What the API says when it says no
  For those who write clients. Every error has a status, a reason and the domain of the mall; a broken field is named.

  Rule: What does not exist is NOT_FOUND, with the reason of its kind

    Scenario Outline: <rpc> of what does not exist
      When <rpc> is called for something that does not exist
      Then the answer is NotFound because of <reason>

      Examples: stores
        | rpc                         | reason            |
        | Stores/GetStore             | STORE_NOT_FOUND   |
        | Stores/RebrandStore         | STORE_NOT_FOUND   |
        | Stores/EnableParticipation  | STORE_NOT_FOUND   |
        | Stores/DisableParticipation | STORE_NOT_FOUND   |
        | Stores/AddProduct           | STORE_NOT_FOUND   |
        | Stores/ListProducts         | STORE_NOT_FOUND   |
        | Stores/GetProduct           | PRODUCT_NOT_FOUND |
        | Stores/RebrandProduct       | PRODUCT_NOT_FOUND |
        | Stores/IncreaseProductPrice | PRODUCT_NOT_FOUND |
        | Stores/DecreaseProductPrice | PRODUCT_NOT_FOUND |
        | Stores/AdjustStock          | PRODUCT_NOT_FOUND |
        | Stores/RemoveProduct        | PRODUCT_NOT_FOUND |

      Examples: customers and their orders
        | rpc                         | reason             |
        | Customers/GetCustomer       | CUSTOMER_NOT_FOUND |
        | Customers/ChangeSmsNumber   | CUSTOMER_NOT_FOUND |
        | Customers/EnableCustomer    | CUSTOMER_NOT_FOUND |
        | Customers/DisableCustomer   | CUSTOMER_NOT_FOUND |
        | Customers/AuthorizeCustomer | CUSTOMER_NOT_FOUND |
        | Baskets/GetBasket           | BASKET_NOT_FOUND   |
        | Baskets/AddItem             | BASKET_NOT_FOUND   |
        | Baskets/RemoveItem          | BASKET_NOT_FOUND   |
        | Baskets/CheckoutBasket      | BASKET_NOT_FOUND   |
        | Baskets/CancelBasket        | BASKET_NOT_FOUND   |
        | Ordering/GetOrder           | ORDER_NOT_FOUND    |
        | Ordering/CancelOrder        | ORDER_NOT_FOUND    |
        | Search/GetOrder             | ORDER_NOT_FOUND    |

      Examples: robots and money
        | rpc                        | reason            |
        | Depot/GetShoppingList      | LIST_NOT_FOUND    |
        | Depot/AssignShoppingList   | LIST_NOT_FOUND    |
        | Depot/CompleteShoppingList | LIST_NOT_FOUND    |
        | Depot/CancelShoppingList   | LIST_NOT_FOUND    |
        | Payments/GetPayment        | PAYMENT_NOT_FOUND |
        | Payments/GetInvoice        | INVOICE_NOT_FOUND |
        | Payments/PayInvoice        | INVOICE_NOT_FOUND |
        | Payments/CancelInvoice     | INVOICE_NOT_FOUND |
        | Payments/AdjustInvoice     | INVOICE_NOT_FOUND |

      Examples: messages to customers
        | rpc                             | reason                 |
        | Notifications/RetryNotification | NOTIFICATION_NOT_FOUND |

  Rule: A broken field is INVALID_FIELD, and is named

    Scenario Outline: <rpc> with the <field> "<value>"
      When <rpc> is called with the <field> "<value>"
      Then the answer is InvalidArgument because of INVALID_FIELD and names the field "<field>"

      Examples: ids are UUIDs
        | rpc                             | field       | value |
        | Stores/GetStore                 | id          | 17    |
        | Stores/AddProduct               | store_id    |       |
        | Customers/GetCustomer           | id          |       |
        | Baskets/StartBasket             | customer_id | Ada   |
        | Baskets/AddItem                 | product_id  | Assam |
        | Baskets/CheckoutBasket          | payment_id  | cash  |
        | Ordering/GetOrder               | id          | 17    |
        | Ordering/ListOrders             | customer_id |       |
        | Depot/AssignShoppingList        | bot_id      | Robby |
        | Payments/ListInvoices           | order_id    | 17    |
        | Notifications/ListNotifications | customer_id | Ada   |
        | Search/SearchOrders             | customer_id | Ada   |

      Examples: names are not blank
        | rpc                        | field | value |
        | Stores/CreateStore         | name  |       |
        | Stores/RebrandStore        | name  |       |
        | Stores/RebrandProduct      | name  |       |
        | Customers/RegisterCustomer | name  |       |
        | Depot/RegisterBot          | name  |       |

      Examples: amounts, numbers and statuses make sense
        | rpc                       | field                | value   |
        | Stores/AddProduct         | price.currency_code  | dollars |
        | Stores/AdjustStock        | delta                | 0       |
        | Payments/AuthorizePayment | amount.minor_units   | -1      |
        | Baskets/AddItem           | quantity             | 0       |
        | Baskets/RemoveItem        | quantity             | 10001   |
        | Search/SearchOrders       | status               | 99      |
        | Depot/ListShoppingLists   | status               | 99      |

      Examples: pages have at most a hundred items
        | rpc                             | field     | value |
        | Stores/ListStores               | page_size | 101   |
        | Stores/ListProducts             | page_size | -1    |
        | Customers/ListCustomers         | page_size | 101   |
        | Ordering/ListOrders             | page_size | -1    |
        | Depot/ListBots                  | page_size | 101   |
        | Depot/ListShoppingLists         | page_size | -1    |
        | Payments/ListInvoices           | page_size | 101   |
        | Notifications/ListNotifications | page_size | -1    |
        | Search/SearchOrders             | page_size | 101   |

      Examples: request ids are UUIDs
        | rpc                    | field      | value |
        | Stores/CreateStore     | request_id | twice |
        | Baskets/CheckoutBasket | request_id | twice |
        | Ordering/CancelOrder   | request_id | twice |
