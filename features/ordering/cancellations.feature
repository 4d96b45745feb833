Feature: Canceling an order
  A customer may change their mind until a robot has begun to collect.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
    And a customer "Ada"

  Scenario: A cancel either wins or comes too late
    Given "Ada" puts 2 "Assam" into the basket
    And "Ada" checks out
    When "Ada" tries to cancel the order
    Then the order of "Ada" is either canceled with everything given back, or becomes ready

  Scenario: An order that was collected can't be canceled
    Given "Ada" puts 2 "Assam" into the basket
    And "Ada" checks out
    And the order of "Ada" becomes ready
    When "Ada" tries to cancel the order
    Then it is refused because the order can't be canceled any more
    And the stock of "Assam" is 8
