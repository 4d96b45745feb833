Feature: Listings come in pages
  For those who write clients: a page says how to ask for the next one.

  Background:
    Given a store "Tinker" that sells
      | product | price | stock |
      | Servo   | 14.50 | 100   |
      | Gear    | 3.10  | 100   |
      | Spring  | 0.40  | 100   |
    And a customer "Ada"

  Rule: The pages of a listing together hold everything once, in one order

    Scenario: The products of a store
      When Stores/ListProducts of "Tinker" is read in pages of 2
      Then the pages hold 2, 1
      And the pages hold everything once, the oldest first

    Scenario Outline: <listing> of one customer
      Given "Ada" has ordered 1 "Servo"
      And the order of "Ada" becomes ready
      And "Ada" has ordered 1 "Gear"
      And the order of "Ada" becomes ready
      And "Ada" has ordered 1 "Spring"
      And the order of "Ada" becomes ready
      When <listing> comes to answer with pages of <pages> for "Ada" when 2 are asked for
      Then the pages hold everything once, the newest first

      Examples:
        | listing                         | pages   |
        | Ordering/ListOrders             | 2, 1    |
        | Payments/ListInvoices           | 2, 1    |
        | Notifications/ListNotifications | 2, 2, 2 |
        | Search/SearchOrders             | 2, 1    |

    @without-robots
    Scenario: The lists of one robot
      Given a robot "Robby"
      And "Ada" has ordered 1 "Servo"
      And the robot "Robby" has collected the list of "Ada"
      And "Ada" has ordered 1 "Gear"
      And the robot "Robby" has collected the list of "Ada"
      And "Ada" has ordered 1 "Spring"
      And the robot "Robby" takes the list of "Ada"
      When Depot/ListShoppingLists of "Robby" is read in pages of 2
      Then the pages hold 2, 1
      And the pages hold everything once, the oldest first

    Scenario Outline: <listing> of the whole mall
      Given a customer "Bob"
      And a store "Copper Kettle" that takes part
      And a robot "Robby"
      And a robot "Rosie"
      When <listing> of "the mall" is read in pages of 20
      Then the pages hold everything once, the oldest first

      Examples:
        | listing                 |
        | Stores/ListStores       |
        | Customers/ListCustomers |
        | Depot/ListBots          |

  Rule: Who does not say how large a page shall be gets fifty

    Scenario: Fifty-three products
      Given "Ada" puts 50 different products of "Tinker" into the basket
      When Stores/ListProducts of "Tinker" is read in pages of 0
      Then the pages hold 50, 3

  Rule: A page token is good for the listing that it came from only

    Scenario: Of another store
      Given a store "Copper Kettle" that takes part
      When the page token of Stores/ListProducts of "Tinker" is used for "Copper Kettle"
      Then the answer is InvalidArgument because of INVALID_PAGE_TOKEN

    Scenario Outline: <rpc> with a token that somebody made up
      When <rpc> is called with the page_token "next"
      Then the answer is InvalidArgument because of INVALID_PAGE_TOKEN

      Examples:
        | rpc                             |
        | Stores/ListStores               |
        | Customers/ListCustomers         |
        | Ordering/ListOrders             |
        | Depot/ListBots                  |
        | Depot/ListShoppingLists         |
        | Payments/ListInvoices           |
        | Notifications/ListNotifications |
        | Search/SearchOrders             |
