Feature: Robots
  Robots register by name, look out for lists, take one at a time and say when they have collected it.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
    And a customer "Ada"
    And a customer "Bob"
    And a robot "Robby"

  Rule: A robot is idle until it has a list, and busy until the list is collected or canceled

    Scenario: A new robot
      Then the robot "Robby" is idle

    @without-robots
    Scenario: Busy and idle again
      Given "Ada" has ordered 1 "Assam"
      When the robot "Robby" takes the list of "Ada"
      Then the robot "Robby" is busy
      And the shopping list of "Ada" is with a robot
      And the depot shows the shopping list of "Ada" among those that are with a robot
      When the robot "Robby" tries to complete the list of "Ada"
      Then it succeeds
      And the robot "Robby" is idle
      And the shopping list of "Ada" is collected
      And a robot has collected 1 "Assam" for the order of "Ada"

    @without-robots
    Scenario: Giving up a list
      Given "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the robot "Robby" gives up the list of "Ada"
      Then the robot "Robby" is idle
      And the shopping list of "Ada" is canceled

  Rule: A robot has one list at a time

    @without-robots
    Scenario: A second list
      Given "Ada" has ordered 1 "Assam"
      And "Bob" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the robot "Robby" tries to take the list of "Bob"
      Then it is refused because the robot has another list
      And the shopping list of "Bob" becomes available

    @without-robots
    Scenario: The next list
      Given "Ada" has ordered 1 "Assam"
      And "Bob" has ordered 1 "Assam"
      And the robot "Robby" has collected the list of "Ada"
      When the robot "Robby" takes the list of "Bob"
      Then the robot "Robby" still has the list of "Bob"

    @without-robots
    Scenario: The list that it has already
      Given "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the robot "Robby" takes the list of "Ada"
      Then the robot "Robby" still has the list of "Ada"

  Rule: A list goes to one robot, which the depot knows

    @without-robots
    Scenario: A robot that never registered
      Given "Ada" has ordered 1 "Assam"
      When a robot that never registered tries to take the list of "Ada"
      Then it is refused because the robot is unknown
      And the shopping list of "Ada" becomes available

    @without-robots
    Scenario: A list that another robot has
      Given a robot "Rosie"
      And "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the robot "Rosie" tries to take the list of "Ada"
      Then it is refused because the list is not available
      And the robot "Rosie" is idle

    @without-robots @race
    Scenario: Two robots reach for it at the same time
      Given a robot "Rosie"
      And "Ada" has ordered 1 "Assam"
      When the robots "Robby" and "Rosie" reach for the list of "Ada" at the same time
      Then one of the robots "Robby" and "Rosie" has the list of "Ada", and the other is idle

    Scenario: A list that is collected
      Given "Ada" has ordered 1 "Assam"
      And the order of "Ada" becomes ready
      When the robot "Robby" tries to take the list of "Ada"
      Then it is refused because the list is not available
      And the robot "Robby" is idle

  Rule: Only the robot that has a list can complete it or give it up

    @without-robots
    Scenario Outline: Nobody can <end> the list of another robot
      Given a robot "Rosie"
      And "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the robot "Rosie" tries to <end> the list of "Ada"
      Then it is refused because another robot has the list
      And the robot "Robby" still has the list of "Ada"

      Examples:
        | end      |
        | complete |
        | give up  |

    @without-robots
    Scenario: A list that no robot has can't be completed
      Given "Ada" has ordered 1 "Assam"
      When the robot "Robby" tries to complete the list of "Ada"
      Then it is refused because no robot has the list

    @without-robots
    Scenario: A canceled list can't be completed
      Given "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      And the depot cancels the shopping list of "Ada"
      When the robot "Robby" tries to complete the list of "Ada"
      Then it is refused because no robot has the list

    @without-robots
    Scenario: A list that it has completed is completed
      Given "Ada" has ordered 1 "Assam"
      And the robot "Robby" has collected the list of "Ada"
      When the robot "Robby" tries to complete the list of "Ada"
      Then it succeeds
      And the shopping list of "Ada" is collected

    @without-robots
    Scenario: A list that no robot has can't be given up by one
      Given "Ada" has ordered 1 "Assam"
      When the robot "Robby" tries to give up the list of "Ada"
      Then it is refused because the robot does not have the list
      And the shopping list of "Ada" becomes available

    @without-robots
    Scenario: A list that another robot has completed
      Given a robot "Rosie"
      And "Ada" has ordered 1 "Assam"
      And the robot "Robby" has collected the list of "Ada"
      When the robot "Rosie" tries to complete the list of "Ada"
      Then it is refused because another robot has the list

    @without-robots
    Scenario: A list that it has completed can't be given up
      Given "Ada" has ordered 1 "Assam"
      And the robot "Robby" has collected the list of "Ada"
      When the robot "Robby" tries to give up the list of "Ada"
      Then it is refused because the list is collected already

  Rule: A robot that starts again is who it was, with the list that it had

    @without-robots
    Scenario: Started again at work
      Given "Ada" has ordered 1 "Assam"
      And the robot "Robby" takes the list of "Ada"
      When the robot "Robby" starts again
      Then the robot "Robby" still has the list of "Ada"

    Scenario: Started again while idle
      When the robot "Robby" starts again
      Then the robot "Robby" is idle

  Rule: A robot needs a name

    Scenario: Nobody in particular
      When a robot without a name tries to register
      Then it is refused because the name is wrong

  Rule: A robot that looks out for work is offered what is available, and what becomes available

    @without-robots
    Scenario: Before and after
      Given "Ada" has ordered 1 "Assam"
      And the shopping list of "Ada" becomes available
      When the robot "Robby" looks out for work
      Then the robot "Robby" is offered the list of "Ada"
      When "Bob" has ordered 1 "Assam"
      Then the robot "Robby" is offered the list of "Bob"
