Feature: An order that can't be fulfilled is rejected
  Whatever was reserved for it is given back, and the customer is told.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a customer "Ada"

  Rule: Only customers who may place orders get them

    Scenario: The customer has been disabled
      Given "Ada" puts 2 "Assam" into the basket
      And the customer "Ada" has been disabled
      When "Ada" checks out
      Then the order of "Ada" becomes rejected because the customer is disabled
      And the stock of "Assam" is 10
      And no robot collects anything for the order of "Ada"
      And the payment of "Ada" is not captured
      And "Ada" was told that the order was rejected

    Scenario: The customer has been enabled again
      Given "Ada" puts 2 "Assam" into the basket
      And the customer "Ada" has been disabled
      And the customer "Ada" has been enabled
      When "Ada" checks out
      Then the order of "Ada" becomes approved

    Scenario: Nobody knows the customer
      Given a stranger "Eve"
      And "Eve" puts 1 "Assam" into the basket
      When "Eve" checks out
      Then the order of "Eve" becomes rejected because the customer is unknown
      And the stock of "Assam" is 10

  Rule: An order needs the stock for all of it, of products and stores that are there

    Scenario: One of the products is out of stock
      Given "Ada" puts 2 "Assam" into the basket
      And "Ada" puts 4 "Jasmine" into the basket
      When "Ada" checks out
      Then the order of "Ada" becomes rejected because there is not enough stock
      And the stock of "Assam" is 10
      And the stock of "Jasmine" is 3
      And no robot collects anything for the order of "Ada"
      And the payment of "Ada" is not captured
      And "Ada" has no invoice

    @race
    Scenario: A product is removed at the moment of the checkout
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 1 "Jasmine" into the basket
      When "Ada" tries to check out just when "Jasmine" has been removed
      Then "Ada" does not get it, be it that the basket is refused, or the order because the product is removed
      And the stock of "Assam" is 10
      And the payment of "Ada" is not captured

    @race
    Scenario: The store leaves the mall at the moment of the checkout
      Given "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out just when "Copper Kettle" has left the mall
      Then "Ada" does not get it, be it that the basket is refused, or the order because the store does not take part
      And the stock of "Assam" is 10
      And the payment of "Ada" is not captured

  Rule: One payment pays for one order only

    @race
    Scenario: Two orders at the same time
      Given "Ada" puts 3 "Assam" into the basket
      And "Ada" puts 3 "Assam" into a second basket
      When "Ada" checks out both baskets with one payment
      Then one of the two orders is approved and the other is not
      And the stock of "Assam" is 7

  Rule: A rejected order does not use up the payment

    Scenario: Something smaller is bought with it
      Given "Ada" puts 4 "Jasmine" into the basket
      And "Ada" checks out
      And the order of "Ada" becomes rejected because there is not enough stock
      When "Ada" buys 3 "Jasmine" with the same payment
      Then the order of "Ada" becomes ready
      And the stock of "Jasmine" is 0

  Rule: A rejected order can't be canceled

    Scenario: A cancel of what was never approved
      Given "Ada" puts 4 "Jasmine" into the basket
      And "Ada" checks out
      And the order of "Ada" becomes rejected because there is not enough stock
      When "Ada" tries to cancel the order
      Then it is refused because the order can't be canceled any more
