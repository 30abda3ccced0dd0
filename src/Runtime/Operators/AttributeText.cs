using System.Globalization;
using System.Text;

namespace EdgeRuntime.Operators;

/// <summary>Prints an operator's attributes: Pad(mode: Constant). Two operators without bodies mean the same if their texts are equal.</summary>
internal sealed class AttributeText : AttributeCodec
{
    private readonly StringBuilder text = new();

    public override bool OmitsNothings => true;

    public static string Format(Operator op)
    {
        var codec = new AttributeText();
        op.Attributes(codec);
        return codec.text.Length == 0 ? op.Name : $"{op.Name}({codec.text})";
    }

    public override void Long(string name, ref long value) => Append(name, value.ToString(CultureInfo.InvariantCulture));

    public override void Float(string name, ref float value) => Append(name, value.ToString("R", CultureInfo.InvariantCulture));

    public override void String(string name, ref string value) => Append(name, value);

    public override void Longs(string name, ref long[] values) => Append(name, $"[{string.Join(' ', values)}]");

    public override void Floats(string name, ref float[] values) =>
        Append(name, $"[{string.Join(' ', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]");

    /// <summary>Bodies have no text that says what they mean; <see cref="Operator.Bodies"/> keeps such operators from being compared.</summary>
    public override void Body(string name, ref Body? value)
    {
        if (value is not null) Append(name, $"{value.Name} of {value.Inputs.Count}");
    }

    private void Append(string name, string value)
    {
        if (text.Length > 0) text.Append(", ");
        text.Append(name).Append(": ").Append(value);
    }
}
