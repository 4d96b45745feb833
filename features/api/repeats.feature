Feature: Requests can be repeated safely
  For those who write clients: who never heard the answer sends the same request with the same request id again.

  Background:
    Given a store "Tinker" that sells
      | product | price | stock |
      | Servo   | 14.50 | 100   |
    And a customer "Ada"

  Rule: The same request with the same request id is done once, and answered alike

    Scenario Outline: <rpc> is repeated
      When <rpc> is called twice with the same request id
      Then both answers are the same

      Examples:
        | rpc                         |
        | Stores/CreateStore          |
        | Stores/RebrandStore         |
        | Stores/EnableParticipation  |
        | Stores/DisableParticipation |
        | Stores/AddProduct           |
        | Stores/RebrandProduct       |
        | Stores/IncreaseProductPrice |
        | Stores/DecreaseProductPrice |
        | Stores/AdjustStock          |
        | Stores/RemoveProduct        |
        | Customers/RegisterCustomer  |
        | Customers/ChangeSmsNumber   |
        | Customers/EnableCustomer    |
        | Customers/DisableCustomer   |
        | Baskets/StartBasket         |
        | Baskets/AddItem             |
        | Baskets/RemoveItem          |
        | Baskets/CheckoutBasket      |
        | Baskets/CancelBasket        |
        | Payments/AuthorizePayment   |
        | Depot/RegisterBot           |
        | Search/RebuildOrders        |

      @without-robots
      Examples: with robots of the scenario only
        | rpc                        |
        | Ordering/CancelOrder       |
        | Depot/AssignShoppingList   |
        | Depot/CompleteShoppingList |
        | Depot/CancelShoppingList   |
        | Payments/PayInvoice        |
        | Payments/CancelInvoice     |
        | Payments/AdjustInvoice     |

      @carrier
      Examples: with a carrier that refuses a number
        | rpc                             |
        | Notifications/RetryNotification |

    @race
    Scenario Outline: <rpc> is repeated impatiently
      When <rpc> is called 5 times at once with the same request id
      Then both answers are the same

      Examples:
        | rpc                        |
        | Stores/CreateStore         |
        | Stores/AdjustStock         |
        | Customers/RegisterCustomer |
        | Baskets/AddItem            |
        | Baskets/CheckoutBasket     |
        | Payments/AuthorizePayment  |

    Scenario: Stock that arrived once is counted once
      When Stores/AdjustStock is called twice with the same request id
      Then the stock of "Servo" is 105

    Scenario: What was put in once is there once
      When Baskets/AddItem is called twice with the same request id
      Then the basket of "Ada" holds 5 "Servo"

  Rule: A request id is for one request

    Scenario Outline: <rpc> under the request id of another request
      When <rpc> is called, and then with the same request id for something else
      Then the answer is InvalidArgument because of REQUEST_ID_REUSED

      Examples:
        | rpc                         |
        | Stores/CreateStore          |
        | Stores/RebrandStore         |
        | Stores/EnableParticipation  |
        | Stores/DisableParticipation |
        | Stores/AddProduct           |
        | Stores/RebrandProduct       |
        | Stores/IncreaseProductPrice |
        | Stores/DecreaseProductPrice |
        | Stores/AdjustStock          |
        | Stores/RemoveProduct        |
        | Customers/RegisterCustomer  |
        | Customers/ChangeSmsNumber   |
        | Customers/EnableCustomer    |
        | Customers/DisableCustomer   |
        | Baskets/StartBasket         |
        | Baskets/AddItem             |
        | Baskets/RemoveItem          |
        | Baskets/CheckoutBasket      |
        | Baskets/CancelBasket        |
        | Payments/AuthorizePayment   |
        | Depot/RegisterBot           |

      @without-robots
      Examples: with robots of the scenario only
        | rpc                        |
        | Ordering/CancelOrder       |
        | Depot/AssignShoppingList   |
        | Depot/CompleteShoppingList |
        | Depot/CancelShoppingList   |
        | Payments/PayInvoice        |
        | Payments/CancelInvoice     |
        | Payments/AdjustInvoice     |

      @carrier
      Examples: with a carrier that refuses a number
        | rpc                             |
        | Notifications/RetryNotification |

  Rule: A refusal is not kept: the same request may succeed later

    Scenario: Disabled already, and enabled meanwhile
      Given the customer "Ada" has been disabled
      When Customers/DisableCustomer is called with a request id of its own
      Then the answer is FailedPrecondition because of CUSTOMER_DISABLED
      When the customer "Ada" has been enabled
      And the same request is sent again
      Then it is answered
