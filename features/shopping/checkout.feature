Feature: Checking out

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a customer "Ada"

  Rule: A basket that is checked out becomes an order of just what was in it

    Scenario: Two products, one of them twice
      Given "Ada" puts 1 "Jasmine" into the basket
      And "Ada" puts 2 "Assam" into the basket
      When "Ada" checks out
      Then the order of "Ada" becomes approved
      And the order of "Ada" is over
        | store         | product | price | quantity |
        | Copper Kettle | Jasmine | 18.75 | 1        |
        | Copper Kettle | Assam   | 12.90 | 2        |
      And the order of "Ada" costs 44.55

    Scenario: A canceled basket becomes none
      Given "Ada" puts 1 "Assam" into the basket
      When "Ada" cancels the basket
      Then "Ada" never got as far as an order

  Rule: What is checked out or canceled changes no more

    Scenario Outline: When it is checked out, nobody can <change>
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" checks out
      When "Ada" tries to <change>
      Then it is refused because the basket is not open

      Examples:
        | change                             |
        | put 1 "Assam" into the basket      |
        | take 1 "Assam" out of the basket   |
        | check out with a payment of 100.00 |
        | cancel the basket                  |

    Scenario Outline: When it is canceled, nobody can <change>
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" cancels the basket
      When "Ada" tries to <change>
      Then it is refused because the basket is not open

      Examples:
        | change                             |
        | put 1 "Assam" into the basket      |
        | take 1 "Assam" out of the basket   |
        | check out with a payment of 100.00 |
        | cancel the basket                  |

  Rule: A checkout needs something to buy

    Scenario: An empty basket
      When "Ada" tries to check out with a payment of 1.00
      Then it is refused because the basket is empty

    Scenario: A basket that was emptied
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" takes 1 "Assam" out of the basket
      When "Ada" tries to check out with a payment of 12.90
      Then it is refused because the basket is empty

  Rule: A checkout needs everything in the basket to be had

    Scenario: A product has been removed, and is taken out
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 1 "Jasmine" into the basket
      And the product "Assam" has been removed
      When "Ada" tries to check out with a payment of 31.65
      Then it is refused because something in it is not to be had any more
      And the refusal names "Assam" and not "Jasmine"
      And "Ada" never got as far as an order
      When "Ada" takes 1 "Assam" out of the basket
      And "Ada" checks out
      Then the order of "Ada" becomes approved
      And the order of "Ada" costs 18.75

    Scenario: The store has left the mall, and comes back
      Given "Ada" puts 1 "Assam" into the basket
      And the store "Copper Kettle" no longer takes part
      When "Ada" tries to check out with a payment of 12.90
      Then it is refused because something in it is not to be had any more
      When the store "Copper Kettle" takes part
      And "Ada" checks out
      Then the order of "Ada" becomes approved

  Rule: A checkout needs a payment of this customer that covers it and is free

    Scenario: A payment that is too small
      Given "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out with a payment of 12.89
      Then it is refused because the payment is too small
      And "Ada" never got as far as an order

    Scenario: A payment of more than is needed
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" sets 100.00 aside
      When "Ada" checks out
      Then the order of "Ada" becomes approved
      And the order of "Ada" costs 12.90

    Scenario: The payment of somebody else
      Given a customer "Bob"
      And "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out with a payment of "Bob"
      Then it is refused because the payment belongs to another customer

    Scenario: A payment that was never made
      Given "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out with a payment that nobody knows
      Then it is refused because the payment is unknown

    Scenario: A payment that has paid for something else
      Given "Ada" has ordered 1 "Assam"
      When "Ada" tries to buy 1 "Jasmine" with the same payment
      Then it is refused because the payment is in use

  Rule: A checkout that was refused can be tried again

    Scenario: With a payment that suffices
      Given "Ada" puts 1 "Assam" into the basket
      When "Ada" tries to check out with a payment of 12.89
      Then it is refused because the payment is too small
      When "Ada" checks out
      Then the order of "Ada" becomes approved
