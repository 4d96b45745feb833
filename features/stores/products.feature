Feature: The catalog of a store

  Background:
    Given a store "Waldorf Books" that takes part

  Rule: What a store adds is in its catalog

    Scenario: A product with its price and stock
      When "Waldorf Books" adds "Sagas of the Sea" for 24.99 with 5 in stock
      Then the catalog of "Waldorf Books" shows "Sagas of the Sea" for 24.99
      And the stock of "Sagas of the Sea" is 5

    Scenario: A product that is given away
      When "Waldorf Books" adds "Bookmark" for 0.00 with 100 in stock
      Then the catalog of "Waldorf Books" shows "Bookmark" for 0.00

  Rule: A product needs a name, a price that is not negative, and a store

    Scenario Outline: <what> makes no sense
      When "Waldorf Books" tries to add "<product>" for <price> with <stock> in stock
      Then it is refused because the <what> is wrong

      Examples:
        | product | price | stock | what  |
        |         | 24.99 | 5     | name  |
        | Sagas   | -0.01 | 5     | price |
        | Sagas   | 24.99 | -1    | stock |

    Scenario: No store
      When somebody tries to add a product to a store that does not exist
      Then it is refused because the store is unknown

  Rule: Prices are in the currency of the mall

    Scenario: A new product in another one
      When "Waldorf Books" tries to add "Sagas" for 24.99 EUR with 5 in stock
      Then it is refused because it is not in the currency of the mall

    Scenario: A new price in another one
      Given "Waldorf Books" adds "Sagas" for 24.99 with 5 in stock
      When somebody tries to increase the price of "Sagas" to 29.99 EUR
      Then it is refused because it is not in the currency of the mall
      When somebody tries to decrease the price of "Sagas" to 9.99 EUR
      Then it is refused because it is not in the currency of the mall

  Rule: A store numbers each product once

    Scenario: The same number twice
      Given "Waldorf Books" adds "Sagas" under the number "A-1"
      When "Waldorf Books" tries to add "Tales" under the number "A-1"
      Then it is refused because another product of the store has this number

    Scenario: The number of a removed product
      Given "Waldorf Books" adds "Sagas" under the number "A-1"
      And the product "Sagas" has been removed
      When "Waldorf Books" tries to add "Tales" under the number "A-1"
      Then it is refused because another product of the store has this number

    Scenario: The same number in another store
      Given "Waldorf Books" adds "Sagas" under the number "A-1"
      And a store "Tinker" that takes part
      When "Tinker" adds "Servo" under the number "A-1"
      Then the catalog of "Tinker" shows "Servo" for 1.00

    Scenario: Products without a number
      When "Waldorf Books" adds "Sagas" under the number ""
      And "Waldorf Books" adds "Tales" under the number ""
      Then the catalog of "Waldorf Books" shows "Tales" for 1.00

  Rule: A product can change its name

    Scenario: A new name
      Given "Waldorf Books" adds "Sagas" for 24.99 with 5 in stock
      When the product "Sagas" is now called "Sagas of the Sea"
      Then the catalog of "Waldorf Books" shows "Sagas of the Sea" for 24.99
      And the catalog of "Waldorf Books" does not show "Sagas"

  Rule: An increase increases and a decrease decreases

    Background:
      Given "Waldorf Books" adds "Sagas of the Sea" for 24.99 with 5 in stock

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

    Scenario: A decrease below nothing
      When somebody tries to decrease the price of "Sagas of the Sea" to -0.01
      Then it is refused because the price is wrong

  Rule: A removed product is gone for good

    Background:
      Given "Waldorf Books" adds "Sagas" for 24.99 with 5 in stock
      And the product "Sagas" has been removed

    Scenario: It is in no catalog, and not forgotten
      Then the catalog of "Waldorf Books" does not show "Sagas"
      And "Sagas" can still be looked up, as a removed product

    Scenario Outline: Nobody can <change> it
      When somebody tries to <change> "Sagas"
      Then it is refused because the product is removed

      Examples:
        | change             |
        | rename             |
        | raise the price of |
        | lower the price of |
        | restock            |
        | remove             |
