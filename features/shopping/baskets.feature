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

  Rule: Products of several stores go into one basket

    Scenario: Two stores
      Given a store "Tinker" that sells
        | product | price | stock |
        | Servo   | 14.50 | 9     |
      When "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 2 "Servo" into the basket
      Then the basket of "Ada" costs 41.90

  Rule: Taking the last piece out drops the line

    Scenario: Some pieces stay
      Given "Ada" puts 3 "Assam" into the basket
      When "Ada" takes 2 "Assam" out of the basket
      Then the basket of "Ada" holds 1 "Assam"

    Scenario Outline: None stays of two when <taken> are taken out
      Given "Ada" puts 2 "Assam" into the basket
      And "Ada" puts 1 "Jasmine" into the basket
      When "Ada" takes <taken> "Assam" out of the basket
      Then the basket of "Ada" holds no "Assam"
      And the basket of "Ada" costs 18.75

      Examples:
        | taken |
        | 2     |
        | 5     |

    Scenario: What is not there can't be taken out
      Given "Ada" puts 2 "Assam" into the basket
      When "Ada" tries to take 1 "Jasmine" out of the basket
      Then it is refused because the basket does not hold it
      And the basket of "Ada" costs 25.80

  Rule: Name and price are the current ones until checkout, and then stay what they were

    Scenario: A price goes up while the product lies in the basket
      Given "Ada" puts 1 "Assam" into the basket
      When the price of "Assam" goes up to 13.50
      Then the basket of "Ada" comes to cost 13.50

    Scenario: A price goes down while the product lies in the basket
      Given "Ada" puts 2 "Assam" into the basket
      When the price of "Assam" goes down to 10.00
      Then the basket of "Ada" comes to cost 20.00

    Scenario: A product gets another name while it lies in the basket
      Given "Ada" puts 1 "Assam" into the basket
      When the product "Assam" is now called "Assam First Flush"
      Then the basket of "Ada" comes to hold 1 "Assam First Flush"

    Scenario: A price goes up after the checkout
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 1 "Assam" into a second basket
      And "Ada" checks out
      When the price of "Assam" goes up to 13.50
      And the order of "Ada" becomes approved
      Then the basket of "Ada" costs 12.90
      And the order of "Ada" costs 12.90

  Rule: What is not to be had any more stays in the basket, which says so, until it is taken out

    Scenario: A product is removed while it lies in the basket
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 1 "Jasmine" into the basket
      When the product "Assam" has been removed
      Then the basket of "Ada" shows that "Assam" is sold no more
      And the basket of "Ada" shows that "Jasmine" is to be had
      And the basket of "Ada" costs 31.65
      When "Ada" takes 1 "Assam" out of the basket
      Then the basket of "Ada" holds no "Assam"
      And the basket of "Ada" costs 18.75

    Scenario: The store leaves while its products lie in the basket
      Given "Ada" puts 2 "Assam" into the basket
      When the store "Copper Kettle" no longer takes part
      Then the basket of "Ada" shows that "Assam" is of a store that left
      And the basket of "Ada" costs 25.80
      When "Ada" takes 1 "Assam" out of the basket
      Then the basket of "Ada" holds 1 "Assam"

    Scenario: The store comes back
      Given "Ada" puts 1 "Assam" into the basket
      And the store "Copper Kettle" no longer takes part
      When the store "Copper Kettle" takes part
      Then the basket of "Ada" comes to show that "Assam" is to be had

    Scenario: Other products can still be put in
      Given "Ada" puts 1 "Assam" into the basket
      And the product "Assam" has been removed
      When "Ada" puts 1 "Jasmine" into the basket
      Then the basket of "Ada" costs 31.65

  Rule: Only products of participating stores are sold

    Scenario: The store has left the mall
      Given the store "Copper Kettle" no longer takes part
      When "Ada" tries to put 1 "Assam" into the basket
      Then it is refused because the store does not take part

    Scenario: The store never took part
      Given a store "Tinker" opens on the "first floor"
      And "Tinker" adds "Servo" for 14.50 with 9 in stock
      When "Ada" tries to put 1 "Servo" into the basket
      Then it is refused because the store does not take part

  Rule: Only products that exist are sold

    Scenario: The product has been removed
      Given the product "Assam" has been removed
      When "Ada" tries to put 1 "Assam" into the basket
      Then it is refused because the product is removed

    Scenario: Nobody sells it
      When "Ada" tries to put something into the basket that nobody sells
      Then it is refused because the product is unknown

  Rule: At least one piece is put in, or taken out

    Scenario Outline: <quantity> pieces are put in
      When "Ada" tries to put <quantity> "Assam" into the basket
      Then it is refused because the quantity is wrong
      And the basket of "Ada" is empty

      Examples:
        | quantity |
        | 0        |
        | -1       |

    Scenario Outline: <quantity> pieces are taken out
      Given "Ada" puts 3 "Assam" into the basket
      When "Ada" tries to take <quantity> "Assam" out of the basket
      Then it is refused because the quantity is wrong
      And the basket of "Ada" holds 3 "Assam"

      Examples:
        | quantity |
        | 0        |
        | -1       |

  Rule: A basket holds at most 10,000 pieces of a product, and 100 products

    Scenario: One piece too many
      Given "Ada" puts 10000 "Assam" into the basket
      When "Ada" tries to put 1 "Assam" into the basket
      Then it is refused because the basket is full

    Scenario: More pieces than anybody can mean
      When "Ada" tries to put 10001 "Assam" into the basket
      Then it is refused because the quantity is wrong

    Scenario: One product too many
      Given "Ada" puts 100 different products of "Copper Kettle" into the basket
      When "Ada" tries to put 1 "Assam" into the basket
      Then it is refused because the basket is full
