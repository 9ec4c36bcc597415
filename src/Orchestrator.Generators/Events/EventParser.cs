using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Orchestrator.Generators.Events;

/// <summary>What was read of one event record: its model, or what is wrong with it.</summary>
internal sealed record ParsedEvent(EventModel? Model, Place? Place, ValueArray<Problem> Problems);

/// <summary>Reads event records into models.</summary>
internal static class EventParser
{
    public const string Attribute = "Orchestrator.Core.Runs.EventTypeAttribute";
    private const string BaseType = "Orchestrator.Core.Runs.JournalEvent";
    private const string TaskBaseType = "Orchestrator.Core.Runs.TaskEvent";

    /// <summary>A record with a base that is not abstract, which may be an event without its attribute.</summary>
    public static bool MayBeEvent(SyntaxNode node, CancellationToken stop) =>
        node is RecordDeclarationSyntax { BaseList: not null } record && !record.Modifiers.Any(SyntaxKind.AbstractKeyword);

    /// <summary>The problem of an event without its attribute; null for all other records.</summary>
    public static Problem? FindMissing(GeneratorSyntaxContext context, CancellationToken stop)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, stop) is not INamedTypeSymbol record || !Derives(record, BaseType)) return null;
        return record.GetAttributes().Any(a => NameOf(a.AttributeClass) == Attribute) ? null
            : new(EventProblems.Missing.Id, Place.Of(((RecordDeclarationSyntax)context.Node).Identifier.GetLocation()), record.Name);
    }

    public static ParsedEvent Parse(GeneratorAttributeSyntaxContext context, CancellationToken stop)
    {
        var record = (INamedTypeSymbol)context.TargetSymbol;
        var declaration = (TypeDeclarationSyntax)context.TargetNode;
        var place = Place.Of(declaration.Identifier.GetLocation());
        var problems = new List<Problem>();
        void Refuse(DiagnosticDescriptor what, string second) => problems.Add(new(what.Id, place, record.Name, second));

        if (!Derives(record, BaseType)) Refuse(EventProblems.BadShape, "is not a JournalEvent: derive it from JournalEvent, RunEvent or TaskEvent");
        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword) || !record.IsSealed || record.ContainingType is not null || record.IsGenericType)
            Refuse(EventProblems.BadShape, "must be a sealed partial record of its own, neither nested nor generic");
        var arguments = context.Attributes[0].ConstructorArguments;
        if (arguments.Length != 3 || arguments[0].Value is not string name || arguments[1].Value is not int number || SeverityOf(arguments[2]) is not { } severity)
            return new(null, place, new([.. problems]));   // the compiler says what is wrong with the arguments
        if (!IsName(name)) Refuse(EventProblems.BadName, name);
        if (number is < EventProblems.FirstNumber or > EventProblems.LastNumber) Refuse(EventProblems.OutOfRange, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

        var shape = Shape(record, problems, place, stop);
        return new(problems.Count > 0 ? null : new(name, number, severity, record.ContainingNamespace.ToDisplayString(), Derives(record, TaskBaseType), shape), place, new([.. problems]));
    }

    private static RecordModel Shape(INamedTypeSymbol record, List<Problem> problems, Place? place, CancellationToken stop)
    {
        var fields = new List<FieldModel>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var type = record; type is not null && type.SpecialType != SpecialType.System_Object; type = type.BaseType)
            foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
            {
                stop.ThrowIfCancellationRequested();
                if (property.DeclaredAccessibility != Accessibility.Public || property.IsStatic || property.IsIndexer || !seen.Add(property.Name)) continue;
                if (Field(property, problems, place, stop) is { } field) fields.Add(field);
            }
        var constructor = record.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public).OrderByDescending(c => c.Parameters.Length).FirstOrDefault();
        return new(record.Name, FullName(record), new([.. fields]), new([.. constructor?.Parameters.Select(p => p.Name) ?? []]));
    }

    private static FieldModel? Field(IPropertySymbol property, List<Problem> problems, Place? place, CancellationToken stop)
    {
        var attributes = property.GetAttributes();
        var omission = Omission.WhenNull;   // of what cannot be null: never
        if (attributes.FirstOrDefault(a => a.AttributeClass?.Name == "JsonIgnoreAttribute") is { } ignore)
        {
            // JsonIgnoreCondition: 1 always, 2 when default, 3 when null.
            var condition = ignore.NamedArguments.FirstOrDefault(a => a.Key == "Condition").Value.Value as int? ?? 1;
            if (condition == 1) return null;
            if (condition == 2) omission = Omission.WhenDefault;
        }
        var type = property.Type;
        var isNullable = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };
        if (isNullable) type = ((INamedTypeSymbol)type).TypeArguments[0];
        if (omission == Omission.WhenNull && !isNullable && property.Type.NullableAnnotation != NullableAnnotation.Annotated) omission = Omission.Never;
        if (KindOf(type) is not { } kind)
        {
            problems.Add(new(EventProblems.UnknownMember.Id, place, $"{property.ContainingType.Name}.{property.Name}", type.ToDisplayString()));
            return null;
        }
        var json = attributes.FirstOrDefault(a => a.AttributeClass?.Name == "JsonPropertyNameAttribute")?.ConstructorArguments[0].Value as string ?? SnakeCase(property.Name);
        var part = kind == FieldKind.Record ? (INamedTypeSymbol)type : kind == FieldKind.Records ? (INamedTypeSymbol)((INamedTypeSymbol)type).TypeArguments[0] : null;
        return new(
            property.Name, json, kind, omission, kind is FieldKind.Word or FieldKind.Record or FieldKind.Records ? FullName(part ?? type) : "", isNullable,
            property.SetMethod is { DeclaredAccessibility: Accessibility.Public }, attributes.Any(a => a.AttributeClass?.Name == "RecurringAttribute"),
            part is null ? null : Shape(part, problems, place, stop));
    }

    private static FieldKind? KindOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_String => FieldKind.Text,
        SpecialType.System_Int32 => FieldKind.Whole,
        SpecialType.System_Int64 => FieldKind.Long,
        SpecialType.System_Double => FieldKind.Number,
        SpecialType.System_Boolean => FieldKind.Flag,
        _ when type.TypeKind == TypeKind.Enum => FieldKind.Word,
        _ => NameOf(type) switch
        {
            "System.DateTimeOffset" => FieldKind.Instant,
            "System.Guid" => FieldKind.Guid,
            "Orchestrator.Core.Runs.RunId" => FieldKind.Run,
            "Orchestrator.Core.Definitions.TaskId" => FieldKind.Task,
            "System.Text.Json.JsonElement" => FieldKind.Json,
            "System.Collections.Immutable.ImmutableArray<string>" => FieldKind.Texts,
            "System.Collections.Immutable.ImmutableArray<Orchestrator.Core.Definitions.TaskId>" => FieldKind.Tasks,
            "System.Collections.Immutable.ImmutableArray<Orchestrator.Core.Runs.RunId>" => FieldKind.Runs,
            "System.Collections.Immutable.ImmutableSortedDictionary<string, string>" => FieldKind.Pairs,
            "System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>" => FieldKind.Values,
            _ when IsRecord(type) => FieldKind.Record,
            _ when type is INamedTypeSymbol { Name: "ImmutableArray", TypeArguments.Length: 1 } list && IsRecord(list.TypeArguments[0]) => FieldKind.Records,
            _ => null,
        },
    };

    // A record class without a converter of its own: its members are what it is.
    private static bool IsRecord(ITypeSymbol type) => type is { IsRecord: true, IsReferenceType: true } && !type.GetAttributes().Any(a => a.AttributeClass?.Name == "JsonConverterAttribute");

    private static string? SeverityOf(TypedConstant argument) =>
        argument is { Kind: TypedConstantKind.Enum, Type: { } type } ? type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && Equals(f.ConstantValue, argument.Value))?.Name : null;

    private static bool Derives(ITypeSymbol type, string from)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
            if (NameOf(at) == from) return true;
        return false;
    }

    private static bool IsName(string name)
    {
        var words = name.Split('.');
        return words.Length == 2 && words.All(w => w.Length > 0 && w[0] != '_' && w[w.Length - 1] != '_' && w.All(c => c is '_' or (>= 'a' and <= 'z')));
    }

    // As JsonNamingPolicy.SnakeCaseLower spells names without abbreviations; names here have none.
    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i])) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    private static string NameOf(ITypeSymbol? type) => type?.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString() ?? "";

    private static string FullName(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
