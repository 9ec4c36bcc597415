using System.Reflection;
using Mono.Cecil;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>The rooms of a library use each other in one direction: whoever changes one knows which others it can break.</summary>
public sealed class RoomTests
{
    [Theory]
    [InlineData("Orchestrator.Engine")]
    [InlineData("Orchestrator.AspNetCore")]
    public void No_rooms_use_each_other_in_a_circle(string project)
    {
        var uses = UsesOf(project);
        var circles = uses.Keys.Where(room => Reached(uses, room).Contains(room)).Order(StringComparer.Ordinal).ToList();
        circles.ShouldBeEmpty(string.Join('\n', circles.SelectMany(from => uses[from].Where(to => circles.Contains(to.Key)).Select(to => $"{from} -> {to.Key}: {string.Join(", ", to.Value.Take(5))}"))));
    }

    [Fact]
    public void Uses_in_bodies_fields_and_signatures_are_all_found()
    {
        var uses = UsesOf("Orchestrator.Engine");
        uses["Running"].Keys.ShouldContain("Executors");
        uses["Running"].Keys.ShouldContain("Journal");
        uses["Executors"].Keys.ShouldContain("Posix");
        UsesOf("Orchestrator.AspNetCore")["Runs"].Keys.ShouldContain("Requests");
    }

    private static HashSet<string> Reached(Dictionary<string, SortedDictionary<string, SortedSet<string>>> uses, string from)
    {
        var (reached, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([from]));
        while (open.TryPop(out var room))
            foreach (var next in uses.GetValueOrDefault(room)?.Keys ?? Enumerable.Empty<string>())
                if (reached.Add(next)) open.Push(next);
        return reached;
    }

    /// <summary>By room: the rooms it uses, and by which of its types.</summary>
    private static Dictionary<string, SortedDictionary<string, SortedSet<string>>> UsesOf(string project)
    {
        using var module = ModuleDefinition.ReadModule(Assembly.Load(project).Location);
        var uses = new Dictionary<string, SortedDictionary<string, SortedSet<string>>>(StringComparer.Ordinal);
        foreach (var type in module.GetTypes())
            if (RoomOf(project, type) is { } from)
                foreach (var to in TypesIn(type).Select(used => RoomOf(project, used)).OfType<string>().Where(to => to != from))
                {
                    if (!uses.TryGetValue(from, out var rooms)) uses[from] = rooms = new(StringComparer.Ordinal);
                    if (!rooms.TryGetValue(to, out var by)) rooms[to] = by = new(StringComparer.Ordinal);
                    by.Add(Outermost(type).Name);
                }
        return uses;
    }

    private static string? RoomOf(string project, TypeReference type)
    {
        var space = Outermost(type).Namespace;
        return !space.StartsWith(project + ".", StringComparison.Ordinal) ? null : space[(project.Length + 1)..].Split('.')[0];
    }

    private static TypeReference Outermost(TypeReference type)
    {
        while (type is TypeSpecification { ElementType: { } element } && type is not GenericInstanceType) type = element;
        if (type is GenericInstanceType generic) type = generic.ElementType;
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }

    private static IEnumerable<TypeReference> TypesIn(TypeDefinition type)
    {
        List<TypeReference?> found = [type.BaseType, .. type.Interfaces.Select(i => i.InterfaceType), .. type.Fields.Select(f => f.FieldType)];
        foreach (var method in type.Methods)
        {
            found.AddRange([method.ReturnType, .. method.Parameters.Select(p => p.ParameterType)]);
            if (!method.HasBody) continue;
            found.AddRange(method.Body.Variables.Select(v => v.VariableType));
            foreach (var step in method.Body.Instructions)
                switch (step.Operand)
                {
                    case TypeReference used:
                        found.Add(used);
                        break;
                    case MethodReference called:
                        found.AddRange([called.DeclaringType, called.ReturnType, .. called.Parameters.Select(p => p.ParameterType), .. (called as GenericInstanceMethod)?.GenericArguments ?? []]);
                        break;
                    case FieldReference field:
                        found.AddRange([field.DeclaringType, field.FieldType]);
                        break;
                }
        }
        return found.OfType<TypeReference>().SelectMany(Parts);
    }

    private static IEnumerable<TypeReference> Parts(TypeReference type) =>
        type is GenericInstanceType generic ? [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)]
        : type is TypeSpecification { ElementType: { } element } ? Parts(element) : [type];
}
