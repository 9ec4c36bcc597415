using System.Globalization;

namespace Orchestrator.Core.Expressions;

internal static class NumberFunctions
{
    public static ExpressionValue Number(ExpressionValue[] a, Evaluation _)
    {
        if (a[0].Kind == ExpressionKind.Number) return a[0];
        return decimal.TryParse(a.Text(0, "number").Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? ExpressionValue.From(number)
            : throw new ExpressionException("The text given to number does not spell a number such as 42 or -1.5.");
    }

    public static ExpressionValue Min(ExpressionValue[] a, Evaluation evaluation) => ExpressionValue.From(Numbers(a, "min", evaluation).Min());

    public static ExpressionValue Max(ExpressionValue[] a, Evaluation evaluation) => ExpressionValue.From(Numbers(a, "max", evaluation).Max());

    public static ExpressionValue Floor(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(decimal.Floor(a.Number(0, "floor")));

    public static ExpressionValue Ceil(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(decimal.Ceiling(a.Number(0, "ceil")));

    public static ExpressionValue Round(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(Operators.Plain(
        decimal.Round(a.Number(0, "round"), a.Length > 1 ? a.Whole(1, "round", 0, 28) : 0, MidpointRounding.AwayFromZero)));

    private static decimal[] Numbers(ExpressionValue[] a, string function, Evaluation evaluation)
    {
        var items = a is [{ Kind: ExpressionKind.List }] ? a[0].Items() : a;
        evaluation.Spend(items.Length);
        if (items.Length == 0) throw new ExpressionException($"{function} of an empty list is nothing.");
        foreach (var item in items)
            if (item.Kind != ExpressionKind.Number) throw new ExpressionException($"{function} takes numbers, not {Operators.Named(item)}.");
        return Array.ConvertAll(items, i => i.Number);
    }
}
