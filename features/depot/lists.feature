Feature: Shopping lists
  The depot makes a shopping list for each order. It tells a robot which stores to go to and what to take there.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
      | Jasmine | 18.75 | 3     |
    And a store "Tinker" opens on the "first floor"
    And the store "Tinker" takes part
    And "Tinker" adds "Servo" for 14.50 with 9 in stock
    And a customer "Ada"

  Rule: A list becomes available when its order is approved

    @without-robots
    Scenario: An approved order
      When "Ada" has ordered 1 "Assam"
      Then the shopping list of "Ada" becomes available
      And the depot shows the shopping list of "Ada" among those that are available

    Scenario: A rejected order
      Given "Ada" puts 4 "Jasmine" into the basket
      When "Ada" checks out
      Then the order of "Ada" becomes rejected because there is not enough stock
      And no robot collects anything for the order of "Ada"

  Rule: A list has a stop for each store, and a line for each product

    Scenario: Two stores, and a product that was put into the basket twice
      Given "Ada" puts 1 "Assam" into the basket
      And "Ada" puts 2 "Servo" into the basket
      And "Ada" puts 1 "Jasmine" into the basket
      And "Ada" puts 3 "Assam" into the basket
      When "Ada" checks out
      And the order of "Ada" becomes approved
      Then the shopping list of "Ada" says
        | store         | location     | product | quantity |
        | Copper Kettle | ground floor | Assam   | 4        |
        | Copper Kettle | ground floor | Jasmine | 1        |
        | Tinker        | first floor  | Servo   | 2        |

  Rule: A list that is not collected can be canceled

    @without-robots
    Scenario: An available list
      Given "Ada" has ordered 1 "Assam"
      When the depot cancels the shopping list of "Ada"
      Then the shopping list of "Ada" is canceled
      And the depot shows the shopping list of "Ada" among those that are canceled

    @without-robots
    Scenario: A list that a robot has
      Given a robot "Robby"
      And "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the depot cancels the shopping list of "Ada"
      Then the shopping list of "Ada" is canceled
      And the robot "Robby" is idle

    @without-robots
    Scenario: A canceled list stays canceled
      Given "Ada" has ordered 1 "Assam"
      And the depot cancels the shopping list of "Ada"
      When the depot cancels the shopping list of "Ada"
      Then the shopping list of "Ada" is canceled

    Scenario: A collected list
      Given "Ada" has ordered 1 "Assam"
      And the order of "Ada" becomes ready
      When the depot tries to cancel the shopping list of "Ada"
      Then it is refused because the list is collected already
      And the depot shows the shopping list of "Ada" among those that are collected
