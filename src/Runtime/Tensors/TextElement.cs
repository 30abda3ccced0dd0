using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>
/// An element of a tensor of texts: UTF-8, filled up with zeros to a fixed size, so that texts move like numbers do, and a tensor of them is
/// memory like any other.
/// </summary>
[InlineArray(Size)]
public struct TextElement : IEquatable<TextElement>
{
    /// <summary>Bytes of an element.</summary>
    public const int Size = 128;

    /// <summary>Bytes of the longest text: one zero ends it always.</summary>
    public const int MostBytes = Size - 1;

    private byte first;

    /// <summary>An element that holds a text.</summary>
    /// <exception cref="EdgeException">It is longer than <see cref="MostBytes"/> or has a zero in it.</exception>
    public static TextElement From(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return From(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>An element that holds a text given as UTF-8.</summary>
    /// <exception cref="EdgeException">It is longer than <see cref="MostBytes"/>, has a zero in it, or is no UTF-8.</exception>
    public static TextElement From(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MostBytes)
            throw new EdgeException(ErrorCode.InvalidOperands, $"a text has {utf8.Length:N0} bytes of UTF-8; tensors hold texts of at most {MostBytes}", "Cut long texts into words before they are fed.");
        if (utf8.Contains((byte)0) || !Utf8.IsValid(utf8)) throw new EdgeException(ErrorCode.InvalidOperands, "a text is no UTF-8, or has a zero byte in it");
        TextElement element = default;
        utf8.CopyTo(element);
        return element;
    }

    /// <summary>The bytes of the text, without what fills the element up.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Utf8Bytes
    {
        get
        {
            ReadOnlySpan<byte> all = this;
            int end = all.IndexOf((byte)0);
            return end < 0 ? all : all[..end];
        }
    }

    /// <summary>True for the same text.</summary>
    public static bool operator ==(TextElement left, TextElement right) => left.Equals(right);

    /// <summary>True for different texts.</summary>
    public static bool operator !=(TextElement left, TextElement right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(TextElement other) => Utf8Bytes.SequenceEqual(other.Utf8Bytes);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is TextElement other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The text.</summary>
    public override readonly string ToString() => Encoding.UTF8.GetString(Utf8Bytes);
}
