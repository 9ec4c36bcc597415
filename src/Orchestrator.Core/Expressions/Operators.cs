namespace Orchestrator.Core.Expressions;

internal static class Operators
{
    public static ExpressionValue Apply(char op, ExpressionValue left, ExpressionValue right)
    {
        if (op == '+' && left.Kind == ExpressionKind.String && right.Kind == ExpressionKind.String)
        {
            if (left.Text.Length + right.Text.Length > ExpressionLimits.ResultLength)
                throw new ExpressionException($"A text is longer than {ExpressionLimits.ResultLength} characters.");
            return ExpressionValue.From(left.Text + right.Text);
        }
        if (left.Kind != ExpressionKind.Number || right.Kind != ExpressionKind.Number)
        {
            var takes = op == '+' ? "two numbers or two texts" : "two numbers";
            var remedy = op == '+' ? " string(x), number(x) and format('{0}', x) convert." : " number(x) converts a text.";
            throw new ExpressionException($"'{op}' takes {takes}, not {Named(left)} and {Named(right)}.{remedy}");
        }
        if (op is '/' or '%' && right.Number == 0) throw new ExpressionException($"'{op}' by zero.");
        try
        {
            return ExpressionValue.From(Plain(op switch
            {
                '+' => left.Number + right.Number,
                '-' => left.Number - right.Number,
                '*' => left.Number * right.Number,
                '/' => left.Number / right.Number,
                _ => left.Number % right.Number,
            }));
        }
        catch (OverflowException)
        {
            throw TooLarge();
        }
    }

    public static ExpressionValue Compare(string op, ExpressionValue left, ExpressionValue right, Evaluation evaluation)
    {
        evaluation.Spend(Math.Min(left.Count, right.Count));
        if (op is "==" or "!=") return ExpressionValue.From(left == right == (op == "=="));
        var order = (left.Kind, right.Kind) switch
        {
            (ExpressionKind.Number, ExpressionKind.Number) => left.Number.CompareTo(right.Number),
            (ExpressionKind.String, ExpressionKind.String) => string.CompareOrdinal(left.Text, right.Text),
            _ => throw new ExpressionException($"'{op}' takes two numbers or two texts, not {Named(left)} and {Named(right)}."),
        };
        return ExpressionValue.From(op switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 });
    }

    /// <summary>The kind in a sentence.</summary>
    public static string Named(ExpressionValue value) => value.Kind switch
    {
        ExpressionKind.Null => "null",
        ExpressionKind.Boolean => "a boolean",
        ExpressionKind.Number => "a number",
        ExpressionKind.String => "a text",
        ExpressionKind.List => "a list",
        _ => "an object",
    };

    /// <summary>Without trailing zeros: 1.5 * 2 is 3, not 3.0.</summary>
    public static decimal Plain(decimal number) => number / 1.0000000000000000000000000000m;

    public static ExpressionException TooLarge() => new("A number is too large: expressions hold numbers up to about 7.9e28.");
}
