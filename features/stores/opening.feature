Feature: Opening stores
  A store opens in the mall, and decides when it takes part in what the mall sells.

  Rule: A new store does not take part until it says so

    Scenario: Opening and taking part
      When a store "Waldorf Books" opens on the "first floor"
      Then the store "Waldorf Books" does not take part in the mall
      And the mall shows a store "Waldorf Books"
      And customers who look for open stores do not find "Waldorf Books"
      When the store "Waldorf Books" takes part
      Then the store "Waldorf Books" takes part in the mall
      And customers who look for open stores find "Waldorf Books"

  Rule: A store needs a name and a place

    Scenario Outline: Without <what>
      When somebody tries to open a store "<name>" on the "<location>"
      Then it is refused because the <what> is wrong

      Examples:
        | name    | location    | what     |
        |         | first floor | name     |
        | Waldorf |             | location |

  Rule: Nobody takes part twice, or leaves twice

    Scenario: Taking part twice
      Given a store "Waldorf Books" that takes part
      When "Waldorf Books" tries to take part
      Then it is refused because the store takes part already

    Scenario: Leaving twice
      Given a store "Waldorf Books" that takes part
      And the store "Waldorf Books" no longer takes part
      When "Waldorf Books" tries to leave the mall
      Then it is refused because the store does not take part

    Scenario: Coming back
      Given a store "Waldorf Books" that takes part
      And the store "Waldorf Books" no longer takes part
      When the store "Waldorf Books" takes part
      Then the store "Waldorf Books" takes part in the mall

  Rule: A store can change its name, and never has none

    Scenario: A new name
      Given a store "Waldorf Books" that takes part
      When "Waldorf Books" is now called "Waldorf & Sons"
      Then the mall shows a store "Waldorf & Sons"

    Scenario: No name
      Given a store "Waldorf Books" that takes part
      When "Waldorf Books" tries to call itself ""
      Then it is refused because the name is wrong
      And the mall shows a store "Waldorf Books"
