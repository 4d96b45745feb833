Feature: Registering customers

  Scenario: A new customer may shop
    When "Ada" registers with the number "+4915112345678"
    Then "Ada" is known by the number "+4915112345678"
    And "Ada" may place orders

  Scenario Outline: A customer needs a name and a number that can be called
    When "<name>" tries to register with the number "<number>"
    Then it is refused because the <what> is wrong

    Examples:
      | name | number         | what   |
      |      | +4915112345678 | name   |
      | Ada  |                | number |
      | Ada  | 0151 12345678  | number |
      | Ada  | +49CALLME      | number |

  Scenario: A disabled customer may not place orders until enabled again
    Given a customer "Ada"
    When the customer "Ada" has been disabled
    Then "Ada" may not place orders
    When the customer "Ada" has been enabled
    Then "Ada" may place orders

  Scenario: Nobody is disabled twice
    Given a customer "Ada"
    And the customer "Ada" has been disabled
    When somebody tries to disable "Ada"
    Then it is refused because the customer is disabled

  Scenario: A customer moves to another number
    Given a customer "Ada"
    When "Ada" changes the number to "+12025550199"
    Then "Ada" is known by the number "+12025550199"
