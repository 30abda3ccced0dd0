using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>What an output of a node became: a value, a list of values that exists only while importing, or nothing where it could not be imported.</summary>
internal readonly struct TensorFlowResult
{
    /// <summary>The value, or null.</summary>
    public Value? Value { get; private init; }

    /// <summary>The list, or null.</summary>
    public TensorList? List { get; private init; }

    /// <summary>True on the side of a branch that is not taken.</summary>
    public bool IsDead { get; private init; }

    /// <summary>True when it could not be imported; why has been said.</summary>
    public bool IsMissing => Value is null && List is null && !IsDead;

    /// <summary>The side of a branch that is not taken.</summary>
    public static TensorFlowResult Dead => new() { IsDead = true };

    public static implicit operator TensorFlowResult(Value value) => new() { Value = value };

    public static implicit operator TensorFlowResult(TensorList list) => new() { List = list };
}
