using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Visits an operator's attributes by name and reference, so that one method (<see cref="Operator.Attributes"/>) serves
/// writing, reading, printing and comparing. No reflection.
/// </summary>
public abstract class AttributeCodec
{
    /// <summary>True for codecs that need not see groups of attributes which say that there is nothing: printing leaves them out.</summary>
    public virtual bool OmitsNothings => false;

    /// <summary>Visits an integer.</summary>
    public abstract void Long(string name, ref long value);

    /// <summary>Visits a real number.</summary>
    public abstract void Float(string name, ref float value);

    /// <summary>Visits a text.</summary>
    public abstract void String(string name, ref string value);

    /// <summary>Visits a list of integers.</summary>
    public abstract void Longs(string name, ref long[] values);

    /// <summary>Visits a list of real numbers.</summary>
    public abstract void Floats(string name, ref float[] values);

    /// <summary>Visits a computation that the operator carries; null where there is none.</summary>
    public abstract void Body(string name, ref Body? value);

    /// <summary>Visits a 32-bit integer.</summary>
    public void Int(string name, ref int value)
    {
        long wide = value;
        Long(name, ref wide);
        value = checked((int)wide);
    }

    /// <summary>Visits a list of 32-bit integers.</summary>
    public void Ints(string name, ref int[] values)
    {
        long[] wide = Array.ConvertAll(values, v => (long)v);
        Longs(name, ref wide);
        values = Array.ConvertAll(wide, v => checked((int)v));
    }

    /// <summary>Visits a truth value, kept as 0 or 1.</summary>
    public void Bool(string name, ref bool value)
    {
        long wide = value ? 1 : 0;
        Long(name, ref wide);
        value = wide != 0;
    }

    /// <summary>Visits a member of an enumeration, kept by name so that reordering never breaks a file.</summary>
    public virtual void Enum<T>(string name, ref T value) where T : struct, Enum
    {
        string text = value.ToString();
        String(name, ref text);
        if (!System.Enum.TryParse(text, out T parsed) || !System.Enum.IsDefined(parsed))
            throw new FormatException($"'{text}' is no {typeof(T).Name}.");
        value = parsed;
    }

    /// <summary>Visits an element type.</summary>
    public void DataType(string name, ref DataType value) => Enum(name, ref value);
}
