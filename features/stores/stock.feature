Feature: Stock
  Each store says how many pieces of a product there are. Orders reserve them, and nobody is sold what is not there.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |

  Rule: Stock can be added to and taken from, and is never less than none

    Scenario: A delivery, and a loss
      When 5 more "Assam" arrive
      Then the stock of "Assam" is 15
      When 15 "Assam" are taken off the shelf
      Then the stock of "Assam" is 0

    Scenario: More than there is
      When somebody tries to take 11 "Assam" off the shelf
      Then it is refused because there is not enough stock
      And the stock of "Assam" is 10

  Rule: Stock that was never counted does not run out

    Scenario: A large order
      Given "Copper Kettle" adds "Gift card" for 10.00 with unlimited stock
      And a customer "Ada"
      When "Ada" has ordered 10000 "Gift card"
      Then the stock of "Gift card" is unlimited

    Scenario: There is nothing to adjust
      Given "Copper Kettle" adds "Gift card" for 10.00 with unlimited stock
      When somebody tries to take 1 "Gift card" off the shelf
      Then it is refused because the stock is unlimited

  Rule: An order reserves what it is for as soon as it is approved

    Scenario: Two of ten
      Given a customer "Ada"
      When "Ada" has ordered 2 "Assam"
      Then the stock of "Assam" is 8

    Scenario: What is reserved can't be taken off the shelf
      Given a customer "Ada"
      And "Ada" has ordered 8 "Assam"
      When somebody tries to take 3 "Assam" off the shelf
      Then it is refused because there is not enough stock

  Rule: An order reserves all of its products or none

    Scenario: One of two is sold out
      Given a customer "Ada"
      And "Ada" puts 2 "Assam" into the basket
      And "Ada" puts 4 "Jasmine" into the basket
      When "Ada" checks out
      Then the order of "Ada" becomes rejected because there is not enough stock
      And the stock of "Assam" is 10
      And the stock of "Jasmine" is 3

  Rule: No piece is sold twice, however many customers want it at once

    Scenario: Six customers and three pieces
      When 6 customers buy 1 "Jasmine" each at the same time
      Then 3 of them get what they ordered, and the others are told that there is not enough stock
      And the stock of "Jasmine" is 0

    Scenario: Orders for one product do not get in each other's way
      When 10 customers buy 1 "Assam" each at the same time
      Then 10 of them get what they ordered, and the others are told that there is not enough stock

  Rule: What a completed order took has left for good

    Scenario: Restocked after a sale
      Given a customer "Ada"
      And "Ada" has ordered 3 "Jasmine"
      And the order of "Ada" becomes ready
      And "Ada" pays the invoice
      When the order of "Ada" becomes completed
      Then the stock of "Jasmine" is 0
      When 2 more "Jasmine" arrive
      Then the stock of "Jasmine" is 2

  Rule: A store that leaves the mall keeps its promises

    Scenario: An order that was approved before
      Given a customer "Ada"
      And "Ada" has ordered 2 "Assam"
      When the store "Copper Kettle" no longer takes part
      Then the order of "Ada" becomes ready
