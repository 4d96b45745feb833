Feature: Opening stores and selling products

  Scenario: A new store does not take part until it is enabled
    When a store "Waldorf Books" opens on the "first floor"
    Then the store "Waldorf Books" does not take part in the mall
    When the store "Waldorf Books" takes part
    Then the store "Waldorf Books" takes part in the mall

  Scenario: Nobody takes part twice
    Given a store "Waldorf Books" that takes part
    When "Waldorf Books" tries to take part again
    Then it is refused because the store takes part already

  Scenario Outline: A store needs a name and a place
    When somebody tries to open a store "<name>" on the "<location>"
    Then it is refused because the <what> is wrong

    Examples:
      | name    | location    | what     |
      |         | first floor | name     |
      | Waldorf |             | location |

  Scenario: A store changes its name
    Given a store "Waldorf Books" that takes part
    When "Waldorf Books" is now called "Waldorf & Sons"
    Then the mall shows a store "Waldorf & Sons"

  Rule: What a product needs

    Background:
      Given a store "Waldorf Books" that takes part

    Scenario: A product is in the catalog of its store
      When "Waldorf Books" adds "Sagas of the Sea" for 24.99 with 5 in stock
      Then the catalog of "Waldorf Books" shows "Sagas of the Sea" for 24.99
      And the stock of "Sagas of the Sea" is 5

    Scenario Outline: What makes no sense is refused
      When "Waldorf Books" tries to add "<product>" for <price> with <stock> in stock
      Then it is refused because the <what> is wrong

      Examples:
        | product | price | stock | what  |
        |         | 24.99 | 5     | name  |
        | Sagas   | -0.01 | 5     | price |
        | Sagas   | 24.99 | -1    | stock |

    Scenario: A product needs a store that exists
      When somebody tries to add a product to a store that does not exist
      Then it is refused because the store is unknown

  Rule: An increase increases and a decrease decreases

    Background:
      Given a store "Waldorf Books" that takes part
      And "Waldorf Books" adds "Sagas of the Sea" for 24.99 with 5 in stock

    Scenario: Up and down again
      When the price of "Sagas of the Sea" goes up to 29.99
      Then the catalog of "Waldorf Books" shows "Sagas of the Sea" for 29.99
      When the price of "Sagas of the Sea" goes down to 19.99
      Then the catalog of "Waldorf Books" shows "Sagas of the Sea" for 19.99

    Scenario: An increase that is none
      When somebody tries to increase the price of "Sagas of the Sea" to 24.98
      Then it is refused because that is no increase

    Scenario: A decrease that is none
      When somebody tries to decrease the price of "Sagas of the Sea" to 25.00
      Then it is refused because that is no decrease
