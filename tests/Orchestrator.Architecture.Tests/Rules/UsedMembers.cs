using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>What an assembly's compiled code refers to outside itself: full type names, and members as Type.Member.</summary>
internal sealed record UsedMembers(IReadOnlySet<string> Types, IReadOnlySet<string> Members)
{
    public static UsedMembers Of(string assemblyPath)
    {
        using var file = new PEReader(File.OpenRead(assemblyPath));
        var reader = file.GetMetadataReader();
        var types = reader.TypeReferences.Select(handle => NameOf(reader, handle)).ToHashSet(StringComparer.Ordinal);
        var members = reader.MemberReferences.Select(reader.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => $"{NameOf(reader, (TypeReferenceHandle)member.Parent)}.{reader.GetString(member.Name)}")
            .ToHashSet(StringComparer.Ordinal);
        return new(types, members);
    }

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(reader, (TypeReferenceHandle)type.ResolutionScope)}+{name}"
            : $"{reader.GetString(type.Namespace)}.{name}";
    }
}
