using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>
/// What of a `sql` task may hold expressions: parameters and names of files. Statements may not, so that data cannot become SQL.
/// </summary>
internal sealed record SqlTemplates : ActionTemplates
{
    private readonly SqlCall _fixed;
    private readonly ImmutableArray<KeyValuePair<string, JsonTemplate>> _parameters;
    private readonly Template? _file, _csv;

    public SqlTemplates(SqlAction sql)
    {
        _fixed = new(sql.Connection)
        {
            Query = sql.Query,
            Execute = sql.Execute,
            Transaction = sql.Transaction,
            MaxRows = sql.MaxRows,
            StatementTimeout = sql.StatementTimeout,
        };
        _parameters = [.. sql.Parameters.Select(p => KeyValuePair.Create(p.Key, JsonTemplate.Compile(p.Value, "sql.params." + p.Key)))];
        _file = sql.File is { } file ? WorkflowTemplates.Compile(file, "sql.file") : null;
        _csv = sql.Csv is { } csv ? WorkflowTemplates.Compile(csv, "sql.csv") : null;
    }

    public override IEnumerable<ExpressionReference> References =>
        _parameters.SelectMany(p => p.Value.References).Concat(_file?.References ?? []).Concat(_csv?.References ?? []);

    public override TaskInvocation Render(ExpressionScope scope) => new()
    {
        Sql = _fixed with
        {
            File = _file?.Render(scope, TemplateMode.Text),
            Csv = _csv?.Render(scope, TemplateMode.Text),
            Parameters = _parameters.Select(p => KeyValuePair.Create<string, JsonElement>(p.Key, p.Value.Render(scope)))
                .ToImmutableSortedDictionary(StringComparer.Ordinal),
        },
    };
}
