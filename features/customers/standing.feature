Feature: Who may place orders
  The mall can keep a customer from ordering, and let them order again.

  Background:
    Given a customer "Ada"

  Rule: A disabled customer may not place orders until enabled again

    Scenario: Disabled and enabled
      When the customer "Ada" has been disabled
      And it is asked whether "Ada" may place orders
      Then it is refused because the customer is disabled
      When the customer "Ada" has been enabled
      Then "Ada" may place orders

  Rule: Nobody is disabled or enabled twice

    Scenario: Disabled twice
      Given the customer "Ada" has been disabled
      When somebody tries to disable "Ada"
      Then it is refused because the customer is disabled

    Scenario: Enabled twice
      When somebody tries to enable "Ada"
      Then it is refused because the customer is enabled already

  Rule: Who never registered may not place orders

    Scenario: A stranger
      Given a stranger "Eve"
      When it is asked whether "Eve" may place orders
      Then it is refused because the customer is unknown
