Feature: Canceling an order
  A customer may change their mind until a robot has begun to collect. What can't be had any more is canceled whoever has begun.

  Background:
    Given a store "Copper Kettle" that sells
      | product | price | stock |
      | Assam   | 12.90 | 10    |
    And a customer "Ada"

  Rule: Until a robot has the list, an order can be canceled, and everything is given back

    @without-robots
    Scenario: An approved order
      Given "Ada" has ordered 2 "Assam"
      And the payment of "Ada" is bound to the order
      When "Ada" cancels the order
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10
      And the payment of "Ada" is given back
      And the shopping list of "Ada" is canceled
      And "Ada" was told that the order was canceled
      And "Ada" has no invoice

    @without-robots
    Scenario: An order that is still being checked, or just was
      Given "Ada" puts 2 "Assam" into the basket
      And "Ada" checks out
      When "Ada" cancels the order
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10
      And the payment of "Ada" is given back
      And no robot collects anything for the order of "Ada"

    @race
    Scenario: A cancel either wins or comes too late
      Given "Ada" puts 2 "Assam" into the basket
      And "Ada" checks out
      When "Ada" tries to cancel the order
      Then the order of "Ada" is either canceled with everything given back, or becomes ready

  Rule: Once is enough

    @without-robots
    Scenario: Canceled again while it is being canceled, and after
      Given "Ada" has ordered 2 "Assam"
      When "Ada" cancels the order
      And "Ada" cancels the order
      Then the order of "Ada" becomes canceled
      When "Ada" cancels the order
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10

  Rule: A canceled order leaves its customer and its payment behind, and nothing else

    @without-robots
    Scenario: The payment that was given back pays for nothing more
      Given "Ada" has ordered 2 "Assam"
      And "Ada" cancels the order
      And the order of "Ada" becomes canceled
      And the payment of "Ada" is given back
      When "Ada" tries to buy 1 "Assam" with the same payment
      Then it is refused because the payment was given back

    @without-robots
    Scenario: What was given back can be sold to somebody else
      Given "Ada" has ordered 10 "Assam"
      And "Ada" cancels the order
      And the order of "Ada" becomes canceled
      And a customer "Bob"
      When "Bob" has ordered 10 "Assam"
      Then the stock of "Assam" is 0

    @without-robots
    Scenario: No robot can take its list any more
      Given "Ada" has ordered 2 "Assam"
      And "Ada" cancels the order
      And the order of "Ada" becomes canceled
      And a robot "Robby"
      When the robot "Robby" tries to take the list of "Ada"
      Then it is refused because the list is not available

  Rule: From the moment a robot has the list, an order can't be canceled

    @without-robots @race
    Scenario: The robot was a moment faster
      Given "Ada" has ordered 2 "Assam"
      And a robot "Robby"
      When the robot "Robby" takes the list of "Ada"
      And "Ada" tries to cancel the order
      Then the order of "Ada" goes on
      And the robot "Robby" still has the list of "Ada"
      And the stock of "Assam" is 8

    @without-robots
    Scenario: A robot is collecting
      Given "Ada" has ordered 2 "Assam"
      And a robot "Robby"
      And the robot "Robby" takes the list of "Ada"
      And the order of "Ada" becomes in progress
      When "Ada" tries to cancel the order
      Then it is refused because the order can't be canceled any more

    Scenario: The order is ready
      Given "Ada" has ordered 2 "Assam"
      And the order of "Ada" becomes ready
      When "Ada" tries to cancel the order
      Then it is refused because the order can't be canceled any more
      And the stock of "Assam" is 8

    Scenario: The order is completed
      Given "Ada" has ordered 2 "Assam"
      And the order of "Ada" becomes ready
      And "Ada" pays the invoice
      And the order of "Ada" becomes completed
      When "Ada" tries to cancel the order
      Then it is refused because the order can't be canceled any more

  Rule: An order is canceled whose list the depot or its robot gives up, and everything is given back

    @without-robots
    Scenario: Nobody has begun
      Given "Ada" has ordered 2 "Assam"
      When the depot cancels the shopping list of "Ada"
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10
      And the payment of "Ada" is given back
      And "Ada" was told that the order was canceled
      And "Ada" has no invoice

    @without-robots
    Scenario Outline: A robot is collecting, and <who> it
      Given "Ada" has ordered 2 "Assam"
      And a robot "Robby"
      And the robot "Robby" takes the list of "Ada"
      And the order of "Ada" becomes in progress
      When <who> the <list> of "Ada"
      Then the order of "Ada" becomes canceled
      And the robot "Robby" is idle
      And the stock of "Assam" is 10
      And the payment of "Ada" is given back
      And "Ada" was told that the order was canceled
      And "Ada" has 2 messages about the order
      And "Ada" has no invoice

      Examples:
        | who                        | list          |
        | the depot cancels          | shopping list |
        | the robot "Robby" gives up | list          |

    @without-robots @race
    Scenario: The customer wanted to cancel it, too late, and then the robot gives up
      Given "Ada" has ordered 2 "Assam"
      And a robot "Robby"
      And the robot "Robby" takes the list of "Ada"
      And "Ada" tries to cancel the order
      And the order of "Ada" goes on
      When the robot "Robby" gives up the list of "Ada"
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10
      And the payment of "Ada" is given back

    @without-robots @race
    Scenario: The robot gives up at once, whatever the customer wants
      Given "Ada" has ordered 2 "Assam"
      And a robot "Robby"
      And the robot "Robby" takes the list of "Ada"
      And the robot "Robby" gives up the list of "Ada"
      When "Ada" tries to cancel the order
      Then the order of "Ada" ends up canceled
      And the stock of "Assam" is 10
      And "Ada" was told that the order was canceled
      And "Ada" has 2 messages about the order

    @without-robots
    Scenario: The depot cancels the list of an order that is canceled already
      Given "Ada" has ordered 2 "Assam"
      And "Ada" cancels the order
      And the order of "Ada" becomes canceled
      When the depot cancels the shopping list of "Ada"
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10

  Rule: An order is canceled whose invoice the counter cancels, and everything is given back

    Scenario: It is ready
      Given "Ada" has ordered 2 "Assam"
      And the order of "Ada" becomes ready
      When the counter cancels the invoice of "Ada"
      Then the order of "Ada" becomes canceled
      And the stock of "Assam" is 10
      And the payment of "Ada" is given back
      And "Ada" was told that the order was canceled

    @race
    Scenario: It is paid at the same moment
      Given "Ada" has ordered 2 "Assam"
      And the order of "Ada" becomes ready
      When "Ada" pays the invoice at the moment when the counter cancels it
      Then the order of "Ada" is either completed and paid, or canceled with everything given back
