using System.Text;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>The attributes of a node, read by name and type. What is wrong is recorded and the default returned, so that all is found at once.</summary>
/// <param name="attributes">The attributes as JSON: for each name an object that says by its member's name what type it is.</param>
internal sealed class TensorFlowAttributes(JsonElement attributes)
{
    /// <summary>What was wrong with the attributes read so far.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>True when the attribute is given.</summary>
    public bool Has(string name) => attributes.Member(name) is not null;

    /// <summary>An integer.</summary>
    public int Int(string name, int otherwise) => Value(name, "i") is not { } value ? otherwise : Narrow(name, value, otherwise);

    /// <summary>A truth value.</summary>
    public bool Bool(string name, bool otherwise) => Value(name, "b") switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => Wrong(name, "a truth value", otherwise),
    };

    /// <summary>A real number.</summary>
    public float Float(string name, float otherwise) => Value(name, "f") is not { } value ? otherwise
        : ((JsonElement?)value).Real() is { } real ? (float)real : Wrong(name, "a number", otherwise);

    /// <summary>A text.</summary>
    public string String(string name, string otherwise) => Value(name, "s") is not { } value ? otherwise
        : Decode(value) ?? Wrong(name, "a text", otherwise);

    /// <summary>One of the given texts, the first when the attribute is not given.</summary>
    public string OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        string text = String(name, allowed[0]);
        if (allowed.Contains(text)) return text;
        Problems.Add($"attribute '{name}' is '{text}'; known are '{string.Join("', '", allowed)}'");
        return allowed[0];
    }

    /// <summary>A list of integers; empty when it is not given.</summary>
    public int[] Ints(string name) => [.. List(name, "i").Select(item => Narrow(name, item, 0))];

    /// <summary>A list of texts; empty when it is not given.</summary>
    public string[] Strings(string name) => [.. List(name, "s").Select(item => Decode(item) ?? Wrong(name, "a list of texts", ""))];

    /// <summary>An element type.</summary>
    public DataType Type(string name, DataType otherwise)
    {
        if (Value(name, "type") is not { } value) return otherwise;
        DataType type = TensorFlowTypes.DataTypeOf(value);
        return type != DataType.None ? type : Wrong(name, "a type of numbers", otherwise);
    }

    /// <summary>A shape; unranked when it is not given.</summary>
    public Shape Shape(string name)
    {
        try
        {
            return TensorFlowTypes.ShapeOf(Value(name, "shape"));
        }
        catch (EdgeException e)
        {
            Problems.Add($"attribute '{name}': {e.Problem.TrimEnd('.')}");
            return Tensors.Shape.Unranked;
        }
    }

    private JsonElement? Value(string name, string kind)
    {
        if (attributes.Member(name) is not { } attribute) return null;
        if (attribute.Member(kind) is { } value) return value;
        Problems.Add($"attribute '{name}' is not of the kind '{kind}'");
        return null;
    }

    private IEnumerable<JsonElement> List(string name, string kind) => Value(name, "list").Member(kind).Items();

    private int Narrow(string name, JsonElement value, int otherwise) =>
        ((JsonElement?)value).Integer() is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : Wrong(name, "a number of 32 bits", otherwise);

    private T Wrong<T>(string name, string expected, T otherwise)
    {
        Problems.Add($"attribute '{name}' is not {expected}");
        return otherwise;
    }

    /// <summary>Texts are bytes in protobuf, hence Base64 in JSON; some writers list the bytes as numbers.</summary>
    private static string? Decode(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) return value.TryGetBytesFromBase64(out byte[]? bytes) ? Encoding.UTF8.GetString(bytes) : null;
        if (value.ValueKind != JsonValueKind.Array) return null;
        var text = new StringBuilder();
        foreach (JsonElement? item in value.EnumerateArray())
        {
            if (item.Integer() is not (>= 0 and <= 255) and not null) return null;
            text.Append((char)(item.Integer() ?? 0));
        }
        return text.ToString();
    }
}
