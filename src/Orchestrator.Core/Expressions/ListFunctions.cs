namespace Orchestrator.Core.Expressions;

/// <summary>Functions over lists, objects and JSON.</summary>
internal static class ListFunctions
{
    public static ExpressionValue Contains(ExpressionValue[] a, Evaluation evaluation)
    {
        switch (a[0].Kind)
        {
            case ExpressionKind.String:
                return ExpressionValue.From(a[0].Text.Contains(a.Text(1, "contains"), StringComparison.Ordinal));
            case ExpressionKind.Object:
                return ExpressionValue.From(a[0].TryGetMember(a.Text(1, "contains"), out _));
            case ExpressionKind.List:
                evaluation.Spend(a[0].Count);
                foreach (var item in a[0].Items())
                {
                    evaluation.Spend(Math.Min(item.Count, a[1].Count));
                    if (item == a[1]) return ExpressionValue.True;
                }
                return ExpressionValue.False;
            default:
                throw Arguments.Wrong("contains", 0, "a text, a list or an object", a[0]);
        }
    }

    public static ExpressionValue Length(ExpressionValue[] a, Evaluation _) => a[0].Kind switch
    {
        ExpressionKind.String => ExpressionValue.From((decimal)a[0].Text.Length),
        ExpressionKind.List or ExpressionKind.Object => ExpressionValue.From((decimal)a[0].Count),
        _ => throw Arguments.Wrong("length", 0, "a text, a list or an object", a[0]),
    };

    public static ExpressionValue Join(ExpressionValue[] a, Evaluation evaluation)
    {
        if (a[0].Kind != ExpressionKind.List) throw Arguments.Wrong("join", 0, "a list", a[0]);
        var separator = a.Text(1, "join");
        evaluation.Spend(a[0].Count);
        var result = new BoundedText();
        var isFirst = true;
        foreach (var item in a[0].Items())
        {
            if (!isFirst) result.Append(separator);
            result.Append(item.ToText());
            isFirst = false;
        }
        return result.ToValue();
    }

    public static ExpressionValue Json(ExpressionValue[] a, Evaluation _) => JsonText.TryParse(a.Text(0, "json"), out var json)
        ? ExpressionValue.FromJson(json)
        : throw new ExpressionException("The argument of json is not one JSON value.");

    public static ExpressionValue ToJson(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(JsonText.Of(a[0]));
}
