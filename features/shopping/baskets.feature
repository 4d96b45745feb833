Feature: Filling a basket

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a customer "Ada"

  Rule: A product that is already in the basket adds up

    Scenario: The same product twice
      When "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 2 "Assam" into the basket
      Then the basket of "Ada" holds 3 "Assam"
      And the basket of "Ada" costs 38.70

  Rule: Taking the last piece out drops the line

    Scenario: Some pieces stay
      Given "Ada" puts 3 "Assam" into the basket
      When "Ada" takes 2 "Assam" out of the basket
      Then the basket of "Ada" holds 1 "Assam"

    Scenario: None stays
      Given "Ada" puts 2 "Assam" into the basket
      And "Ada" puts 1 "Jasmine" into the basket
      When "Ada" takes 2 "Assam" out of the basket
      Then the basket of "Ada" holds no "Assam"
      And the basket of "Ada" costs 18.75

  Rule: The price shown is the current one until checkout

    Scenario: A price goes up while the product lies in the basket
      Given "Ada" puts 1 "Assam" into the basket
      When the price of "Assam" goes up to 13.50
      Then the basket of "Ada" comes to cost 13.50

  Rule: Only products of participating stores are sold

    Scenario: The store has left the mall
      Given the store "Copper Kettle" no longer takes part
      When "Ada" tries to put 1 "Assam" into the basket
      Then it is refused because the store does not take part

    Scenario: The product has been removed
      Given the product "Assam" has been removed
      When "Ada" tries to put 1 "Assam" into the basket
      Then it is refused because the product is removed

  Rule: At least one piece is put in

    Scenario Outline: A quantity that makes no sense
      When "Ada" tries to put <quantity> "Assam" into the basket
      Then it is refused because the quantity is wrong
      And the basket of "Ada" is empty

      Examples:
        | quantity |
        | 0        |
        | -1       |

  Rule: What is checked out changes no more

    Scenario: A second checkout
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" checks out
      When "Ada" tries to check out
      Then it is refused because the basket is not open

    Scenario: One more product
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" checks out
      When "Ada" tries to put 1 "Jasmine" into the basket
      Then it is refused because the basket is not open

    Scenario: A canceled basket
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" cancels the basket
      When "Ada" tries to put 1 "Jasmine" into the basket
      Then it is refused because the basket is not open

  Rule: A checkout needs something to buy and a payment that covers it

    Scenario: An empty basket
      When "Ada" tries to check out an empty basket
      Then it is refused because the basket is empty

    Scenario: A payment that is too small
      Given "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out with a payment of 12.89
      Then it is refused because the payment is too small

    Scenario: The payment of somebody else
      Given a customer "Bob"
      And "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out with a payment of "Bob"
      Then it is refused because the payment belongs to another customer

    Scenario: A payment that has paid for something else
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" checks out
      And the order of "Ada" becomes approved
      When "Ada" tries to buy 1 "Jasmine" with the same payment
      Then it is refused because the payment is in use
