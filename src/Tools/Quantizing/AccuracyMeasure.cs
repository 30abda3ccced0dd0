using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>Gives a number for how well a model does its task; larger is better.</summary>
internal abstract class AccuracyMeasure : IDisposable
{
    /// <summary>What the number is, such as "same best class".</summary>
    public abstract string Name { get; }

    /// <summary>What it is measured on, in a few words.</summary>
    public abstract string Set { get; }

    /// <summary>Number of samples it is measured on.</summary>
    public abstract int Samples { get; }

    /// <summary>The float model's.</summary>
    public abstract double FloatValue { get; }

    /// <summary>The number of a candidate, which is run as it would be shipped.</summary>
    /// <param name="candidate">A graph with the inputs and outputs of the float model.</param>
    /// <param name="stop">Ends it.</param>
    public abstract double Measure(Graph candidate, CancellationToken stop);

    /// <summary>What one result more or less changes the number by, as the last measurement found them; 0 where that is not known.</summary>
    public virtual double Resolution => 0;

    /// <summary>How far a candidate's results are from the float model's on a few samples, as a square that adds up over independent errors; null where that is not known. Small errors show that change no result.</summary>
    /// <param name="candidate">A graph with the inputs and outputs of the float model.</param>
    /// <param name="stop">Ends it.</param>
    public virtual double? Distance(Graph candidate, CancellationToken stop) => null;

    public virtual void Dispose()
    {
    }
}
