Feature: Messages to customers
  Customers are told by SMS what becomes of their orders.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a customer "Ada"

  Rule: A customer is told once of each thing that happens to an order

    Scenario: Received and ready
      Given "Ada" has ordered 1 "Assam"
      And the order of "Ada" becomes ready
      And "Ada" pays the invoice
      When the order of "Ada" becomes completed
      Then "Ada" was told that the order was received
      And "Ada" was told that the order is ready
      And "Ada" has 2 messages about the order

    Scenario: Received and rejected
      Given "Ada" puts 4 "Jasmine" into the basket
      When "Ada" checks out
      Then "Ada" was told that the order was received
      And "Ada" was told that the order was rejected
      And "Ada" has 2 messages about the order

    @without-robots
    Scenario: Received and canceled
      Given "Ada" has ordered 1 "Assam"
      When "Ada" cancels the order
      Then "Ada" was told that the order was received
      And "Ada" was told that the order was canceled
      And "Ada" has 2 messages about the order

    Scenario: Received, ready and canceled
      Given "Ada" has ordered 1 "Assam"
      And the order of "Ada" becomes ready
      When the counter cancels the invoice of "Ada"
      Then "Ada" was told that the order was received
      And "Ada" was told that the order is ready
      And "Ada" was told that the order was canceled
      And "Ada" has 3 messages about the order

  Rule: Each order has messages of its own

    Scenario: Two orders
      Given "Ada" has ordered 1 "Assam"
      And the order of "Ada" becomes ready
      And "Ada" was told that the order was received
      And "Ada" was told that the order is ready
      When "Ada" has ordered 1 "Jasmine"
      And the order of "Ada" becomes ready
      Then "Ada" was told that the order was received
      And "Ada" was told that the order is ready
      And "Ada" has 2 messages about the order
      And "Ada" has 4 messages in all

  Rule: Who is rejected is told why

    Scenario: Sold out
      Given "Ada" puts 4 "Jasmine" into the basket
      When "Ada" checks out
      Then "Ada" was told that the order was rejected, in a message that says "something in it is sold out"

    Scenario: Disabled
      Given the customer "Ada" has been disabled
      And "Ada" puts 1 "Jasmine" into the basket
      When "Ada" checks out
      Then "Ada" was told that the order was rejected, in a message that says "your account is disabled"

  Rule: Messages go to the number that the customer has now

    Scenario: Another number
      When "Ada" changes the number to "+12025550199"
      Then messages about new orders of "Ada" come to go to "+12025550199"

  Rule: Who has no number can't be told, and nobody else is

    Scenario: A stranger
      Given a stranger "Eve"
      And "Eve" puts 1 "Assam" into the basket
      When "Eve" checks out
      Then "Eve" could not be told that the order was received
      And "Eve" could not be told that the order was rejected

  Rule: What could not be told is told when somebody asks for it again

    @carrier
    Scenario: Under a number that works
      Given a customer "Bob" whose number no carrier reaches
      And "Bob" puts 1 "Assam" into the basket
      And "Bob" checks out
      And "Bob" could not be told that the order was received
      When "Bob" changes the number to "+12025550199"
      Then "Bob" comes to be told again that the order was received

    @carrier
    Scenario: Under a number that still does not
      Given a customer "Bob" whose number no carrier reaches
      And "Bob" puts 1 "Assam" into the basket
      And "Bob" checks out
      And "Bob" could not be told that the order was received
      When somebody tries to have "Bob" told again that the order was received
      Then it succeeds
      And "Bob" could not be told that the order was received

    Scenario: What was told is not told again
      Given "Ada" has ordered 1 "Assam"
      And "Ada" was told that the order was received
      When somebody tries to have "Ada" told again that the order was received
      Then it is refused because the message has not failed

    Scenario: A stranger still is one
      Given a stranger "Eve"
      And "Eve" puts 1 "Assam" into the basket
      And "Eve" checks out
      And "Eve" could not be told that the order was received
      When somebody tries to have "Eve" told again that the order was received
      Then it is refused because the customer is unknown
