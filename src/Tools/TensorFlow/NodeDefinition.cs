using System.Text.Json;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>A node as the model's file has it.</summary>
/// <param name="Name">Its name, unique in the model.</param>
/// <param name="Operator">What it computes, such as Conv2D.</param>
/// <param name="Inputs">What it reads; what it only waits for is left out.</param>
/// <param name="Attributes">Its attributes by name, as JSON.</param>
internal sealed record NodeDefinition(string Name, string Operator, IReadOnlyList<NodeReference> Inputs, JsonElement Attributes);
