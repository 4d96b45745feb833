Feature: Changes and versions
  For those who write clients: of two copies of a thing, the one with the higher version is the newer.

  Background:
    Given a store "Tinker" that sells
      | product | price | stock |
      | Servo   | 14.50 | 100   |
    And a customer "Ada"

  Rule: Every change counts, and nothing else

    Scenario: A store
      Given a store "Waldorf Books" opens on the "first floor"
      Then the store "Waldorf Books" has version 1
      When the store "Waldorf Books" takes part
      Then the store "Waldorf Books" has version 2
      When "Waldorf Books" is now called "Waldorf & Sons"
      Then the store "Waldorf & Sons" has version 3
      When "Waldorf & Sons" tries to take part
      Then it is refused because the store takes part already
      And the store "Waldorf & Sons" has version 3

  Rule: What is so already is not changed again

    Scenario Outline: <rpc> changes nothing the second time
      When <rpc> is called twice
      Then both answers are the same

      Examples:
        | rpc                         |
        | Stores/RebrandStore         |
        | Stores/RebrandProduct       |
        | Stores/IncreaseProductPrice |
        | Stores/DecreaseProductPrice |
        | Customers/ChangeSmsNumber   |
        | Depot/RegisterBot           |

      @without-robots
      Examples: with robots of the scenario only
        | rpc                        |
        | Depot/AssignShoppingList   |
        | Depot/CompleteShoppingList |
        | Depot/CancelShoppingList   |
        | Payments/AdjustInvoice     |
