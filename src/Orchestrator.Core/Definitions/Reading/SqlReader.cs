using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `sql`. Statements are taken as written: values reach them as parameters, never as text.</summary>
internal static class SqlReader
{
    private const int MaxRows = 1_000_000;
    private static readonly string[] s_statements = ["query", "execute", "transaction", "file"];

    public static TaskAction? Read(Fields owner, Draft draft, int index)
    {
        if (owner.Map("sql", Vocabulary.Sql, "a map such as {connection: warehouse, query: select 1}") is not { } fields) return null;
        var connection = fields.Required("connection");
        if (connection is not null && !Names.IsName(connection))
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("connection"), $"`connection` is `{SourceScalar.Shorten(connection)}`, which is not a name.",
                "Name a connection of the worker's configuration; it holds the address and the password.");
        var kind = fields.OnlyOne(s_statements, "`sql` has no statement.");
        foreach (var (key, goesWith) in new[] { ("csv", "query"), ("max_rows", "query") })
            if (fields.Has(key) && kind is not null && kind != goesWith)
                fields.Problems.Add(ProblemCodes.Conflict, fields.At(key), $"`{key}` belongs to `{goesWith}`, not `{kind}`.", "Only a query has rows. Remove it.");
        var action = new SqlAction(connection ?? "")
        {
            Query = kind == "query" ? Statement(fields, draft, "query") : null,
            Execute = kind == "execute" ? Statement(fields, draft, "execute") : null,
            Transaction = kind == "transaction" ? Transaction(fields, draft) : [],
            File = kind == "file" ? draft.Given(fields, "file", ExpressionPlace.Task, index) : null,
            Parameters = Parameters(fields, draft, index),
            Csv = draft.Inside(fields, "csv", index),
            MaxRows = fields.Whole("max_rows", 1, MaxRows) ?? 10_000,
            StatementTimeout = fields.Duration("statement_timeout", TimeSpan.FromMilliseconds(1), TaskReader.LongestAttempt),
        };
        return connection is null || kind is null ? null : action;
    }

    private static string? Statement(Fields fields, Draft draft, string key) =>
        fields.Required(key) is { } text && Plain((SourceScalar)fields[key]!, draft, key) ? text : null;

    private static ImmutableArray<string> Transaction(Fields fields, Draft draft)
    {
        var statements = ImmutableArray.CreateBuilder<string>();
        foreach (var text in fields.Texts("transaction"))
            if (string.IsNullOrWhiteSpace(text.Text)) draft.Problems.Add(ProblemCodes.BadValue, text.Span, "`transaction` holds a blank statement.", "Remove it.");
            else if (Plain(text, draft, "transaction")) statements.Add(text.Text);
        if (fields["transaction"] is { IsEmpty: true } or SourceList { Items.Count: 0 })
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("transaction"), "`transaction` is empty.", "List its statements.");
        return statements.ToImmutable();
    }

    private static bool Plain(SourceScalar text, Draft draft, string key)
    {
        if (!text.Text.Contains("${{", StringComparison.Ordinal)) return draft.NoZero(text, key);
        draft.Problems.Add(ProblemCodes.BadValue, text.Span, $"`{key}` holds an expression: data must not become part of a statement.",
            "Write @name in the statement and the expression below `params: {name: ...}`.");
        return false;
    }

    private static ImmutableSortedDictionary<string, JsonElement> Parameters(Fields fields, Draft draft, int index)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries("params"))
        {
            if (!Names.IsVariable(entry.Key))
                draft.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not the name of a parameter of a statement.", Names.VariableRule);
            draft.Templates(entry.Value, ExpressionPlace.Task, index);
            values[entry.Key] = Json.Of(entry.Value);
        }
        return values.ToImmutable();
    }
}
