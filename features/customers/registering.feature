Feature: Registering customers
  Whoever wants to shop registers once, with a name and the number that the mall can send messages to.

  Rule: Whoever registers may shop at once

    Scenario: A new customer
      When "Ada" registers with the number "+4915112345678"
      Then "Ada" is known by the number "+4915112345678"
      And "Ada" may place orders
      And the register of customers shows "Ada"

  Rule: A customer needs a name, and a number that can be called from anywhere

    Scenario Outline: <what> is missing or makes no sense
      When "<name>" tries to register with the number "<number>"
      Then it is refused because the <what> is wrong

      Examples:
        | name | number            | what   |
        |      | +4915112345678    | name   |
        | Ada  |                   | number |
        | Ada  | 0151 12345678     | number |
        | Ada  | 4915112345678     | number |
        | Ada  | +49CALLME         | number |
        | Ada  | +0151123456       | number |
        | Ada  | +1234567890123456 | number |

  Rule: A customer can move to another number that can be called

    Scenario: Another number
      Given a customer "Ada"
      When "Ada" changes the number to "+12025550199"
      Then "Ada" is known by the number "+12025550199"

    Scenario: Not a number
      Given "Ada" registers with the number "+12025550199"
      When "Ada" tries to change the number to "next door"
      Then it is refused because the number is wrong
      And "Ada" is known by the number "+12025550199"
