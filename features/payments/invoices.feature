Feature: Invoices
  An order that is ready lies at the counter with its invoice.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
    And a customer "Ada"
    And "Ada" sets 30.00 aside
    And "Ada" puts 2 "Assam" into the basket
    And "Ada" checks out
    And the order of "Ada" becomes ready

  Rule: An order that is ready has one invoice, over what was ordered

    Scenario: Two pieces
      Then "Ada" has an invoice of 25.80
      And the invoice of "Ada" is open

  Rule: A paid invoice completes the order

    Scenario: Paid
      When "Ada" pays the invoice
      Then the invoice of "Ada" is paid
      And the order of "Ada" becomes completed
      And the payment of "Ada" is captured

  Rule: An open invoice can be changed, within what was set aside

    Scenario Outline: To <amount>
      When the counter changes the invoice of "Ada" to <amount>
      Then "Ada" has an invoice of <amount>

      Examples:
        | amount |
        | 0.00   |
        | 20.00  |
        | 25.80  |
        | 30.00  |

    Scenario Outline: Not to <amount>
      When the counter tries to change the invoice of "Ada" to <amount>
      Then it is refused because <reason>
      And "Ada" has an invoice of 25.80

      Examples:
        | amount    | reason                                |
        | 30.01     | the payment is too small              |
        | -0.01     | the amount is wrong                   |
        | 20.00 EUR | it is not in the currency of the mall |

  Rule: A canceled invoice takes nothing, and cancels the order

    Scenario: Canceled
      When the counter cancels the invoice of "Ada"
      Then the invoice of "Ada" is canceled
      And the order of "Ada" becomes canceled
      And the payment of "Ada" is given back

  Rule: An invoice that is paid or canceled changes no more

    Scenario Outline: Nobody can <change> an invoice that has been <end>
      Given the invoice of "Ada" has been <end>
      When somebody tries to <change> the invoice of "Ada"
      Then it is refused because the invoice is paid or canceled
      And the invoice of "Ada" is <end>

      Examples:
        | end      | change |
        | paid     | pay    |
        | paid     | cancel |
        | paid     | change |
        | canceled | pay    |
        | canceled | cancel |
        | canceled | change |
