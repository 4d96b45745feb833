Feature: Searching orders
  Whoever is asked about an order finds it by what people remember of it.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a store "Tinker" that sells
      | product | price | stock |
      | Servo   | 14.50 | 9     |
    And a customer "Ada"

  Rule: An order is found by each thing that is known of it

    Background:
      Given "Ada" has ordered 1 "Assam"
      And "Ada" has ordered 2 "Servo"
      And "Ada" has ordered 3 "Jasmine"

    Scenario: All orders of a customer, the newest first
      When all orders of "Ada" are searched
      Then the search comes to find "Jasmine, Servo, Assam"

    Scenario Outline: By <filter> "<value>"
      When the orders of "Ada" are searched by <filter> "<value>"
      Then the search comes to find "<found>"

      Examples:
        | filter                       | value         | found                 |
        | the store                    | Copper Kettle | Jasmine, Assam        |
        | the store                    | Tinker        | Servo                 |
        | the product                  | Assam         | Assam                 |
        | a total of at least          | 29.00         | Jasmine, Servo        |
        | a total of at least          | 56.26         |                       |
        | a total of at most           | 29.00         | Servo, Assam          |
        | the text                     | copper        | Jasmine, Assam        |
        | the text                     | SERV          | Servo                 |
        | the text                     | ada           | Jasmine, Servo, Assam |
        | the text                     | coffee        |                       |
        | the status                   | rejected      |                       |
        | the time since the order of  | Servo         | Jasmine, Servo        |
        | the time before the order of | Servo         | Assam                 |

  Rule: Of several things all must hold; of several stores or products, one

    Background:
      Given "Ada" has ordered 1 "Assam"
      And "Ada" has ordered 2 "Servo"
      And "Ada" has ordered 3 "Jasmine"

    Scenario: Everything at once
      When the orders of "Ada" are searched by
        | the store                    | Copper Kettle |
        | the product                  | Assam         |
        | the product                  | Servo         |
        | a total of at least          | 10.00         |
        | a total of at most           | 20.00         |
        | the text                     | ASSAM         |
        | the time since the order of  | Assam         |
        | the time before the order of | Jasmine       |
      Then the search comes to find "Assam"

    Scenario: One of two products
      When the orders of "Ada" are searched by
        | the product | Assam |
        | the product | Servo |
      Then the search comes to find "Servo, Assam"

    Scenario: One of two stores
      When the orders of "Ada" are searched by
        | the store | Copper Kettle |
        | the store | Tinker        |
      Then the search comes to find "Jasmine, Servo, Assam"

    Scenario: Things that no order has together
      When the orders of "Ada" are searched by
        | the store   | Copper Kettle |
        | the product | Servo         |
      Then the search comes to find ""

  Rule: The search follows what becomes of an order

    Scenario: Ready and completed
      Given "Ada" has ordered 1 "Assam"
      And the order of "Ada" becomes ready
      Then the search comes to show the order of "Ada" as ready
      When "Ada" pays the invoice
      Then the search comes to show the order of "Ada" as completed
      When the orders of "Ada" are searched by the status "completed"
      Then the search comes to find "Assam"

    Scenario: Rejected
      Given "Ada" puts 4 "Jasmine" into the basket
      When "Ada" checks out
      Then the search comes to show the order of "Ada" as rejected

    @without-robots
    Scenario: Canceled
      Given "Ada" has ordered 1 "Assam"
      When "Ada" cancels the order
      Then the search comes to show the order of "Ada" as canceled

  Rule: Orders are shown with the name of who ordered

    Scenario: A customer
      When "Ada" has ordered 1 "Assam"
      Then the search names "Ada" as the one who ordered

  Rule: Names and prices are those of the checkout

    Scenario: Renamed afterwards
      Given "Ada" has ordered 1 "Assam"
      And the product "Assam" is now called "Darjeeling"
      When the orders of "Ada" are searched by the text "assam"
      Then the search comes to find "Assam"

  Rule: Amounts are in the currency of the mall

    Scenario: Another currency
      When somebody tries to search for orders over 10.00 EUR
      Then it is refused because it is not in the currency of the mall

  Rule: What the search knows can be built anew, and is the same then

    Scenario: Built anew
      Given "Ada" has ordered 1 "Assam"
      And "Ada" has ordered 2 "Servo"
      And all orders of "Ada" are searched
      And the search comes to find "Servo, Assam"
      When what the search knows is built anew
      Then the search still finds "Servo, Assam"
