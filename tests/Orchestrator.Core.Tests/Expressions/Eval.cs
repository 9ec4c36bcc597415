using System.Text.Json;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Tests.Expressions;

/// <summary>The scope the tests look at, and short ways to ask.</summary>
internal static class Eval
{
    public const string Password = "hunter2-9f8e7d6c";

    public static readonly ExpressionScope Scope = new()
    {
        Params = new Dictionary<string, JsonElement>
        {
            ["day"] = Json("\"2026-03-08\""),
            ["region"] = Json("\"eu\""),
            ["n"] = Json("7"),
            ["load-eu"] = Json("true"),
            ["nothing"] = Json("null"),
            ["list"] = Json("[1, \"two\", [3], {\"four\": 4}]"),
            ["huge"] = Json("1e300"),
            ["price"] = Json("1.10"),
        },
        Env = new Dictionary<string, string> { ["STAGING"] = "/srv/staging", ["EMPTY"] = "" },
        Secrets = new Dictionary<string, string> { ["DB"] = Password },
        Run = new("0198c0de-0000-7000-8000-000000000001", "sales-nightly", "acme", new(2026, 3, 9, 2, 0, 0, TimeSpan.Zero), "schedule")
        {
            Attempt = 2, TraceId = "4bf92f3577b34da6a3ce929d0e0e4736", Outcome = "failed", FailedTasks = ["check", "2nd"],
        },
        Tasks = new Dictionary<string, TaskFacts>
        {
            ["check"] = new("completed", new Dictionary<string, JsonElement>
            {
                ["rows"] = Json("42"), ["file"] = Json("\"a b.csv\""), ["id"] = Json("9007199254740993"), ["odd key"] = Json("1"),
                ["deep"] = Json("{\"a\": {\"b\": [10, 20, 30]}, \"z\": null}"),
            }, 0, 2, 1234.5),
            ["load-eu"] = new("skipped", new Dictionary<string, JsonElement>(), null, 0, 0),
            ["2nd"] = new("failed", new Dictionary<string, JsonElement>(), 3, 1, 10),
        },
        Item = Json("{\"name\": \"a.csv\", \"sizes\": [3, 5]}"),
        ItemName = "file",
        Matrix = new Dictionary<string, JsonElement> { ["os"] = Json("\"linux\""), ["node-version"] = Json("22") },
        Outputs = new Dictionary<string, JsonElement> { ["rows"] = Json("9"), ["odd key"] = Json("[1]") },
        Schedule = new("nightly", new(2026, 3, 9, 2, 0, 0, TimeSpan.FromHours(2))),
    };

    public static JsonElement Json(string json) => JsonElement.Parse(json, new() { MaxDepth = 512 });

    public static ExpressionValue Value(string text) => Parse(text).Evaluate(Scope);

    /// <summary>The value as JSON text.</summary>
    public static string Of(string text) => Value(text).ToJson().GetRawText();

    public static Expression Parse(string text) => Expression.TryParse(text, out var e, out var error) ? e : throw new FormatException(error.ToString());

    /// <summary>The error of a text where only <c>file</c> is a fan-out's name for its item.</summary>
    public static ExpressionError ParseError(string text) => Expression.TryParse(text, static name => name == "file", out _, out var error)
        ? throw new FormatException($"'{text}' was expected not to parse.") : error;

    public static string Failure(string text) => Failure(Parse(text));

    public static string Failure(Expression expression)
    {
        try
        {
            expression.Evaluate(Scope);
        }
        catch (ExpressionException e)
        {
            return e.Message;
        }
        throw new FormatException($"'{expression}' was expected to fail.");
    }
}
