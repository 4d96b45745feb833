Feature: How an order goes forward

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a customer "Ada"

  Rule: An order is approved, in progress while a robot collects it, ready, and completed when it is paid

    @without-robots
    Scenario: Step by step
      Given a robot "Robby"
      And "Ada" has ordered 2 "Assam"
      When the robot "Robby" takes the list of "Ada"
      Then the order of "Ada" becomes in progress
      And "Ada" has no invoice
      When the robot "Robby" tries to complete the list of "Ada"
      Then it succeeds
      And the order of "Ada" becomes ready
      When "Ada" pays the invoice
      Then the order of "Ada" becomes completed

    @without-robots
    Scenario: A robot that is very fast
      Given a robot "Robby"
      And "Ada" has ordered 2 "Assam"
      When the robot "Robby" has collected the list of "Ada"
      Then the order of "Ada" becomes ready
      And "Ada" has an invoice of 25.80

  Rule: An order can be watched from before it is placed until it is over, and only goes forward

    Scenario: Until it is completed
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" watches what becomes of the basket
      And "Ada" checks out
      And the order of "Ada" becomes ready
      When "Ada" pays the invoice
      Then "Ada" has seen the order only go forward until it was completed

    Scenario: Until it is rejected
      Given "Ada" puts 4 "Jasmine" into the basket
      And "Ada" watches what becomes of the basket
      When "Ada" checks out
      Then "Ada" has seen the order only go forward until it was rejected

    @without-robots
    Scenario: Until it is canceled
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" watches what becomes of the basket
      And "Ada" checks out
      When "Ada" cancels the order
      Then "Ada" has seen the order only go forward until it was canceled

  Rule: A customer can look back on all orders

    Scenario: Three orders
      Given "Ada" has ordered 1 "Assam"
      And "Ada" has ordered 2 "Jasmine"
      And "Ada" has ordered 3 "Assam"
      Then "Ada" sees all 3 orders, the newest first

    Scenario: The orders of others are not shown
      Given a customer "Bob"
      And "Bob" has ordered 1 "Assam"
      Then "Ada" never got as far as an order
