Feature: Payments
  Before checkout a customer sets money aside. An order that is approved binds it, and the invoice that is paid takes it.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
    And a customer "Ada"

  Rule: A customer sets aside an amount that is not negative, in the currency of the mall

    Scenario Outline: <amount> is set aside
      When "Ada" sets <amount> aside
      Then the payment of "Ada" is set aside

      Examples:
        | amount  |
        | 0.00    |
        | 12.90   |
        | 9999.99 |

    Scenario: Less than nothing
      When "Ada" tries to set -0.01 aside
      Then it is refused because the amount is wrong

    Scenario: Another currency
      When "Ada" tries to set 12.90 EUR aside
      Then it is refused because it is not in the currency of the mall

  Rule: An approved order has its payment for itself

    Scenario: Bound to the order
      When "Ada" has ordered 2 "Assam"
      Then the payment of "Ada" is bound to the order

  Rule: Nothing is taken before the invoice is paid

    Scenario: Ready, not paid
      Given "Ada" has ordered 2 "Assam"
      When the order of "Ada" becomes ready
      Then the payment of "Ada" is bound to the order
      When "Ada" pays the invoice
      Then the payment of "Ada" is captured

  Rule: A payment that was given back pays for nothing more

    Scenario: The counter canceled the invoice
      Given "Ada" has ordered 2 "Assam"
      And the order of "Ada" becomes ready
      And the counter cancels the invoice of "Ada"
      And the order of "Ada" becomes canceled
      When "Ada" tries to buy 1 "Assam" with the same payment
      Then it is refused because the payment was given back

  Rule: The payment of a canceled order is given back

    @without-robots
    Scenario: Canceled in time
      Given "Ada" has ordered 2 "Assam"
      When "Ada" cancels the order
      Then the payment of "Ada" is given back
