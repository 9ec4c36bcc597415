namespace Orchestrator.Core.Expressions;

/// <summary>Reads a function's arguments and says which one is of the wrong kind.</summary>
internal static class Arguments
{
    private static readonly string[] Places = ["first", "second", "third"];

    public static string Text(this ExpressionValue[] arguments, int index, string function) => arguments[index] is { Kind: ExpressionKind.String } s
        ? s.Text : throw Wrong(function, index, "a text", arguments[index]);

    public static decimal Number(this ExpressionValue[] arguments, int index, string function) => arguments[index] is { Kind: ExpressionKind.Number } n
        ? n.Number : throw Wrong(function, index, "a number", arguments[index]);

    public static int Whole(this ExpressionValue[] arguments, int index, string function, int least, int most)
    {
        var number = arguments.Number(index, function);
        return decimal.Truncate(number) == number && number >= least && number <= most ? (int)number
            : throw new ExpressionException($"The {Places[index]} argument of {function} is a whole number from {least} to {most}.");
    }

    public static ExpressionException Wrong(string function, int index, string expected, ExpressionValue found) =>
        new($"The {Places[index]} argument of {function} is {expected}, not {Operators.Named(found)}.");
}
