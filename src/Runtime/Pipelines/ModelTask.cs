using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines;

/// <summary>What a model file says the model is for.</summary>
internal static class ModelTask
{
    /// <summary>Refuses models of another task.</summary>
    /// <exception cref="EdgeException">The model is such a one.</exception>
    public static void Require(ModelMetadata metadata, string task)
    {
        if (metadata.Task != task) throw Wrong(metadata, task, $"Use a model whose metadata says {task}.");
    }

    /// <summary>The error for a model of another task.</summary>
    public static EdgeException Wrong(ModelMetadata metadata, string task, string remedy) =>
        new(ErrorCode.WrongTask, $"'{metadata.Name}' is for {(metadata.Task.Length > 0 ? metadata.Task : "a task it does not name")}, not for {task}.", remedy);
}
